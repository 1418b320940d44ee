import { Problem } from "@gatepost/http"
import type { Request, RequestHandler, Response, Router } from "express"
import { z } from "zod"
import { Email } from "../../modules/accounts/index.js"
import { PresentedPassword } from "../../modules/passwords/index.js"
import type { IssuedTokens, MfaChallenge } from "../../modules/sessions/index.js"
import { keepDevice } from "../device-cookie.js"
import { attempt } from "../interactions.js"
import { limited } from "../limited.js"
import type { PageParts } from "../page-parts.js"
import { assertionIn, givenFactor } from "../presented-factor.js"
import { passkeyBody, secondFactorBody, signInBody } from "./account.views.js"
import type { AccountCookie } from "./account-cookie.js"
import { type AccountVisits, fields } from "./account-visits.js"
import { wayBack } from "./way-back.js"

interface Frame {
  router: Router
  read: readonly RequestHandler[]
  cookie: AccountCookie
  visits: AccountVisits
}

/** What a sign-in is shown for. */
interface Occasion {
  fault?: Problem
  /** Where it goes on: as the form has it, if nothing else is said. */
  back?: string
  /** Who is asked, where that is known. */
  email?: string
}

export type AccountSignIn = ReturnType<typeof accountSignInPages>

const SignInBody = z.object({ email: Email, password: PresentedPassword })

/** How somebody signs in to manage their account: with all that it has, on whatever device. */
export function accountSignInPages(parts: PageParts, { router, read, cookie, visits }: Frame) {
  const { limiter, secondFactors, sessions, social, store } = parts

  router.post("/account/sign-in", ...read, async (req, res) => {
    const context = visits.contextOf(req, res)
    const fault = await attempt(async () => {
      const credentials = SignInBody.safeParse(fields(req))
      if (!credentials.success) throw new Problem("session.credentials-invalid")
      const { data } = credentials
      const tokens = await limited(parts, "sign-in", context.ip, () => sessions.signIn(data, context))
      await welcome(req, res, admittedBy(tokens))
    })
    if (fault) goOn(req, res, fault)
  })

  router.post("/account/second-factor", ...read, async (req, res) => {
    const context = visits.contextOf(req, res)
    const { challenge, has_passkey } = fields(req)
    const fault = await attempt(async () => {
      const answer = { challenge, factor: givenFactor(fields(req)), remember: false }
      const binding = secondFactors.bindingOf(context)
      const { tokens } = await limited(parts, "single-use", context.ip, () =>
        secondFactors.factors.signIn(answer, binding, context),
      )
      await welcome(req, res, admittedBy(tokens))
    })
    const view = { challenge, hasPasskey: has_passkey === "yes", isWrong: true }
    if (fault?.code === "mfa.code-invalid") showSecondFactor(req, res, view)
    else if (fault) show(req, res, { fault })
  })

  router.post("/account/second-factor/passkey", ...read, async (req, res) => {
    const context = visits.contextOf(req, res)
    const { challenge } = fields(req)
    const fault = await attempt(async () => {
      await limiter.admit("passkey-options", context.ip)
      const options = await secondFactors.factors.beginPasskey(challenge, secondFactors.bindingOf(context))
      visits.send(req, res, (texts) => ({
        title: texts.passkey.title,
        script: "passkey.js",
        body: passkeyBody(
          {
            action: "/account/second-factor",
            lead: texts.passkey.lead,
            options,
            isNew: false,
            challenge,
            back: wayBack(req),
          },
          texts,
        ),
      }))
    })
    if (fault) show(req, res, { fault })
  })

  router.post("/account/passkey", ...read, async (req, res) => {
    const context = visits.contextOf(req, res)
    const fault = await attempt(async () => {
      await limiter.admit("passkey-options", context.ip)
      const options = await secondFactors.passkeys.beginSignIn(secondFactors.bindingOf(context))
      visits.send(req, res, (texts) => ({
        title: texts.passkey.title,
        script: "passkey.js",
        body: passkeyBody(
          {
            action: "/account/passkey/sign-in",
            lead: texts.passkey.lead,
            options,
            isNew: false,
            back: wayBack(req),
          },
          texts,
        ),
      }))
    })
    if (fault) show(req, res, { fault })
  })

  router.post("/account/passkey/sign-in", ...read, async (req, res) => {
    const context = visits.contextOf(req, res)
    const fault = await attempt(async () => {
      const assertion = assertionIn(fields(req).credential)
      if (!assertion) throw new Problem("passkey.invalid")
      const tokens = await limited(parts, "sign-in", context.ip, () =>
        secondFactors.passkeys.signIn(assertion, context),
      )
      await welcome(req, res, admittedBy(tokens))
    })
    if (fault) show(req, res, { fault })
  })

  return { show, welcome, goOn }

  /** Somebody is in, and the session that their browser had here before ends (check 65). */
  async function welcome(req: Request, res: Response, admitted: Admitted): Promise<void> {
    const before = await visits.find(req, res)
    if (before) {
      const isSame = before.session.account.id === admitted.accountId
      await store.end(before.session.id, isSame ? "stepped-up" : "logout", before.context)
    }
    const { accessToken, deviceToken } = admitted
    if (deviceToken) keepDevice(res, deviceToken, parts.config.PUBLIC_URL, "/account")
    cookie.write(res, accessToken)
    res.redirect(303, wayBack(req))
  }

  /** What comes of a refusal: the second factor that it asks for, or the sign-in again. */
  function goOn(req: Request, res: Response, fault: Problem): void {
    const mfa = fault.members?.mfa as { challenge: string; methods: MfaChallenge["methods"] } | undefined
    const hasPasskey = mfa?.methods.includes("passkey") ?? false
    if (mfa) showSecondFactor(req, res, { challenge: mfa.challenge, hasPasskey, isWrong: false })
    else show(req, res, { fault })
  }

  function show(req: Request, res: Response, { fault, back = wayBack(req), email }: Occasion = {}): void {
    visits.send(req, res, (texts, own) => {
      const said: Record<string, string> = {
        "session.credentials-invalid": texts.wrongCredentials,
        "passkey.invalid": texts.passkey.wrong,
        "mfa.challenge-invalid": texts.secondFactor.expired,
        "mfa.step-up-required": own.again,
      }
      const words = fault && (said[fault.code] ?? texts.socialFaults[fault.code] ?? texts.busy)
      const providers = social.list(visits.app)
      const view = { email: fields(req).email || (email ?? ""), fault: words, back, providers }
      return { status: fault?.status ?? 200, title: own.signIn, body: signInBody(view, texts) }
    })
  }

  function showSecondFactor(
    req: Request,
    res: Response,
    view: { challenge: string; hasPasskey: boolean; isWrong: boolean },
  ): void {
    visits.send(req, res, (texts) => ({
      status: view.isWrong ? 401 : 200,
      title: texts.secondFactor.title,
      body: secondFactorBody({ ...view, back: wayBack(req) }, texts),
    }))
  }
}

/** Who came in, and what their browser is known by from now on, if that is new. */
export interface Admitted {
  accessToken: string
  accountId: string
  deviceToken: string | undefined
}

export const admittedBy = ({ accessToken, account, deviceToken }: IssuedTokens): Admitted => ({
  accessToken,
  accountId: account.id,
  deviceToken,
})
