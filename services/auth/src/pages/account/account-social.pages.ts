import { randomToken } from "@gatepost/runtime"
import type { Router } from "express"
import { attempt } from "../interactions.js"
import { limited } from "../limited.js"
import type { PageParts } from "../page-parts.js"
import { sameOrigin } from "../same-origin.js"
import { answerOf, isCancelled, socialCookie } from "../social-answer.js"
import { type AccountSignIn, admittedBy } from "./account-sign-in.pages.js"
import type { AccountVisits } from "./account-visits.js"
import { wayBack } from "./way-back.js"

/** Where a provider's answer to a sign-in of the account's page goes on; `back` as the attempt has it. */
export const atAccount = (provider: string, back: string, answer: URLSearchParams): string =>
  `/account/social/${provider}/end?${new URLSearchParams([["back", back], ...answer])}`

/** Signs in to manage an account by a provider: there, and back to the page that was asked for. */
export function accountSocialPages(
  parts: PageParts,
  frame: { router: Router; visits: AccountVisits; signIn: AccountSignIn },
): void {
  const { config, social } = parts
  const { router, visits, signIn } = frame
  const cookie = socialCookie(config.PUBLIC_URL)

  router.get("/account/social/:provider", sameOrigin(config.PUBLIC_URL), async (req, res) => {
    const { ip } = visits.contextOf(req, res)
    const back = wayBack(req)
    const fault = await attempt(async () => {
      await parts.limiter.admit("anonymous-start", ip)
      await parts.limiter.refused("anonymous-start", ip)
      const browser = { secret: cookie.read(req) ?? randomToken(), interactionUid: back }
      const url = await social.begin(visits.app, String(req.params.provider), browser)
      cookie.keep(res, browser.secret)
      res.redirect(303, url)
    })
    if (fault) signIn.show(req, res, { fault, back })
  })

  router.get("/account/social/:provider/end", async (req, res) => {
    const back = wayBack(req)
    if (isCancelled(req)) return res.redirect(303, back)
    const context = visits.contextOf(req, res)
    const browser = { secret: cookie.read(req) ?? "", interactionUid: back }
    const fault = await attempt(() =>
      limited(parts, "social", context.ip, async () => {
        const provider = String(req.params.provider)
        const tokens = await social.finishHere(visits.app, provider, answerOf(req.query), browser, context)
        await signIn.welcome(req, res, admittedBy(tokens))
      }),
    )
    if (fault) signIn.goOn(req, res, fault)
  })
}
