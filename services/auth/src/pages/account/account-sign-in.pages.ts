import { Problem } from "@gatepost/http"
import type { Request, RequestHandler, Response, Router } from "express"
import { z } from "zod"
import { Email } from "../../modules/accounts/index.js"
import { PresentedPassword } from "../../modules/passwords/index.js"
import type { IssuedTokens, MfaChallenge } from "../../modules/sessions/index.js"
import { attempt } from "../interactions.js"
import type { PageParts } from "../page-parts.js"
import { assertionIn, givenFactor } from "../presented-factor.js"
import { passkeyBody, secondFactorBody, signInBody } from "./account.views.js"
import type { AccountCookie } from "./account-cookie.js"
import { type AccountVisits, fields } from "./account-visits.js"

interface Frame {
  router: Router
  read: readonly RequestHandler[]
  cookie: AccountCookie
  visits: AccountVisits
}

const SignInBody = z.object({ email: Email, password: PresentedPassword })

/** How somebody signs in to manage their account: with all that it has, on whatever device. */
export function accountSignInPages(parts: PageParts, { router, read, cookie, visits }: Frame) {
  const { limiter, secondFactors, sessions } = parts

  router.post("/account/sign-in", ...read, async (req, res) => {
    const context = visits.contextOf(req, res)
    const fault = await attempt(async () => {
      const credentials = SignInBody.safeParse(fields(req))
      if (!credentials.success) throw new Problem("session.credentials-invalid")
      await limiter.admit("sign-in", context.ip)
      const tokens = await sessions.signIn(credentials.data, context).catch(forgiving(context.ip))
      await limiter.forgive("sign-in", context.ip)
      welcome(res, tokens)
    })
    const challenge = fault?.members?.mfa as
      | { challenge: string; methods: MfaChallenge["methods"] }
      | undefined
    if (challenge) {
      const hasPasskey = challenge.methods.includes("passkey")
      showSecondFactor(req, res, { challenge: challenge.challenge, hasPasskey, isWrong: false })
    } else if (fault) show(req, res, fault)
  })

  router.post("/account/second-factor", ...read, async (req, res) => {
    const context = visits.contextOf(req, res)
    const { challenge, has_passkey } = fields(req)
    const fault = await attempt(async () => {
      await limiter.admit("single-use", context.ip)
      const answer = { challenge, factor: givenFactor(fields(req)), remember: false }
      const binding = secondFactors.bindingOf(context)
      welcome(res, (await secondFactors.factors.signIn(answer, binding, context)).tokens)
    })
    if (fault && fault.status < 500) await limiter.refused("single-use", context.ip)
    const view = { challenge, hasPasskey: has_passkey === "yes", isWrong: true }
    if (fault?.code === "mfa.code-invalid") showSecondFactor(req, res, view)
    else if (fault) show(req, res, fault)
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
          { action: "/account/second-factor", lead: texts.passkey.lead, options, isNew: false, challenge },
          texts,
        ),
      }))
    })
    if (fault) show(req, res, fault)
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
          { action: "/account/passkey/sign-in", lead: texts.passkey.lead, options, isNew: false },
          texts,
        ),
      }))
    })
    if (fault) show(req, res, fault)
  })

  router.post("/account/passkey/sign-in", ...read, async (req, res) => {
    const context = visits.contextOf(req, res)
    const fault = await attempt(async () => {
      const assertion = assertionIn(fields(req).credential)
      if (!assertion) throw new Problem("passkey.invalid")
      await limiter.admit("sign-in", context.ip)
      const tokens = await secondFactors.passkeys.signIn(assertion, context)
      await limiter.forgive("sign-in", context.ip)
      welcome(res, tokens)
    })
    if (fault) show(req, res, fault)
  })

  return { show }

  function welcome(res: Response, { accessToken }: IssuedTokens): void {
    cookie.write(res, accessToken)
    res.redirect(303, "/account")
  }

  function show(req: Request, res: Response, fault?: Problem): void {
    visits.send(req, res, (texts, own) => {
      const said: Record<string, string> = {
        "session.credentials-invalid": texts.wrongCredentials,
        "passkey.invalid": texts.passkey.wrong,
        "mfa.challenge-invalid": texts.secondFactor.expired,
        "mfa.step-up-required": own.again,
      }
      const body = { email: fields(req).email, fault: fault && (said[fault.code] ?? texts.busy) }
      return { status: fault?.status ?? 200, title: own.signIn, body: signInBody(body, texts) }
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
      body: secondFactorBody(view, texts),
    }))
  }

  /** Whoever is asked for a second factor did not fail at the first. */
  function forgiving(ip: string) {
    return async (error: unknown): Promise<never> => {
      if (error instanceof Problem && error.code === "mfa.required") await limiter.forgive("sign-in", ip)
      throw error
    }
  }
}
