import { contextOf, Problem } from "@gatepost/http"
import { randomToken } from "@gatepost/runtime"
import express, { type Response, Router } from "express"
import type { Interaction } from "../modules/oidc/index.js"
import { atAccount } from "./account/account-social.pages.js"
import { whereOf } from "./interactions.js"
import { limited } from "./limited.js"
import { type EndSignIn, ownInteraction, sendExpired } from "./own-interaction.js"
import type { PageParts } from "./page-parts.js"
import type { RememberedDevice } from "./remembered-device.js"
import { sameOrigin } from "./same-origin.js"
import { answerOf, isCancelled, socialCookie } from "./social-answer.js"
import { pickLanguage } from "./texts/index.js"

const START = "/interaction/:uid/social/:provider"
const CALLBACK = "/social/:provider/callback"

/**
 * Sign-in with a provider: there, and back to the sign-in it belongs to. Its answer comes by a path that knows no
 * cookie of the interaction, and is sent on to one that does.
 */
export function socialPages(parts: PageParts, end: EndSignIn, devices: RememberedDevice): Router {
  const { apps, config, limiter, logger, oidc, social } = parts
  const router = Router({ caseSensitive: true, strict: true })
  const cookie = socialCookie(config.PUBLIC_URL)

  router.get(START, sameOrigin(config.PUBLIC_URL), async (req, res) => {
    const interaction = await ownInteraction(oidc, req, res)
    if (!interaction) return
    const { ip } = contextOf(req, res, logger)
    await orBack(res, interaction, async () => {
      await limiter.admit("anonymous-start", ip)
      await limiter.refused("anonymous-start", ip)
      const browser = { secret: cookie.read(req) ?? randomToken(), interactionUid: interaction.uid }
      const url = await social.begin(appOf(interaction), String(req.params.provider), browser)
      cookie.keep(res, browser.secret)
      res.redirect(303, url)
    })
  })

  // Apple's answer is a form of another site, so it comes without our SameSite cookies, which the redirect brings.
  router.post(CALLBACK, express.urlencoded({ extended: false, limit: "16kb" }), (req, res) => {
    res.redirect(303, `${req.path}?${answerOf(req.body ?? {})}`)
  })
  router.get(CALLBACK, async (req, res) => {
    const answer = answerOf(req.query)
    const attempt = await social.findOpen(String(req.params.provider), answer.get("state") ?? "")
    if (attempt?.interactionUid?.startsWith("/"))
      return res.redirect(303, atAccount(String(req.params.provider), attempt.interactionUid, answer))
    if (attempt?.interactionUid)
      return res.redirect(
        303,
        `/interaction/${attempt.interactionUid}/social/${req.params.provider}/end?${answer}`,
      )
    if (attempt?.redirectUri) return res.redirect(303, withAnswer(attempt.redirectUri, answer))
    sendExpired(req, res)
  })
  router.get(`${START}/end`, async (req, res) => {
    const interaction = await ownInteraction(oidc, req, res)
    if (!interaction) return
    if (isCancelled(req)) return res.redirect(303, `/interaction/${interaction.uid}`)
    const context = {
      ...contextOf(req, res, logger),
      clientId: String(interaction.params.client_id),
      language: pickLanguage(interaction.params.ui_locales as string | undefined, req.get("Accept-Language")),
    }
    await orBack(res, interaction, async () => {
      const browser = { secret: cookie.read(req) ?? "", interactionUid: interaction.uid }
      const admission = await limited(parts, "social", context.ip, () =>
        social.finish(
          appOf(interaction),
          String(req.params.provider),
          answerOf(req.query),
          { ...browser, ...whereOf(req, interaction, devices) },
          context,
        ),
      )
      await end(req, res, interaction, admission)
    })
  })
  return router

  function appOf(interaction: Interaction) {
    return apps.find(String(interaction.params.client_id))
  }
}

/** A refusal is told on the sign-in page, where they can choose another way. */
async function orBack(res: Response, { uid }: Interaction, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Problem) || error.status === 500) throw error
    const code = error.code.startsWith("social.") ? error.code : "social.provider-unavailable"
    res.redirect(303, `/interaction/${uid}?fault=${code}`)
  }
}

function withAnswer(redirectUri: string, answer: URLSearchParams): string {
  return `${redirectUri}${redirectUri.includes("?") ? "&" : "?"}${answer}`
}
