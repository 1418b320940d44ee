import { contextOf, isStorable, Problem } from "@gatepost/http"
import type { Request, RequestHandler, Response, Router } from "express"
import type { Interaction } from "../modules/oidc/index.js"
import { Assertion, type PasskeyOptions } from "../modules/passkeys/index.js"
import { type GivenFactor, TotpCode } from "../modules/second-factors/index.js"
import type { MfaChallenge } from "../modules/sessions/index.js"
import type { DeviceCookie } from "./device-cookie.js"
import type { Html } from "./html.js"
import { attempt, bindingOf, type InteractionResult, languageOf, loginOf, ofApp } from "./interactions.js"
import { sendPage } from "./layout.js"
import type { PageParts } from "./page-parts.js"
import { passkeyBody, secondFactorBody } from "./second-factor.views.js"
import { type Texts, textsOf } from "./texts/index.js"

interface Frame {
  router: Router
  /** Of the interaction. */
  path: string
  /** What every form goes through. */
  read: readonly RequestHandler[]
  devices: DeviceCookie
  find(req: Request, res: Response): Promise<Interaction | undefined>
  finish(req: Request, res: Response, result: InteractionResult): Promise<void>
  showSignIn(req: Request, res: Response, interaction: Interaction, fault: Problem): void
}

/** The pages of a sign-in that ask for a second factor, or for a passkey in place of both. */
export function secondFactorPages(parts: PageParts, frame: Frame) {
  const { apps, secondFactors, limiter, logger } = parts
  const { router, path, read, devices, find, finish, showSignIn } = frame

  router.post(`${path}/second-factor`, ...read, async (req, res) => {
    const interaction = await find(req, res)
    if (!interaction) return
    const context = ofApp(contextOf(req, res, logger), interaction)
    const { challenge, remember, has_passkey } = fields(req)
    const fault = await attempt(async () => {
      const factor = givenFactor(req)
      await limiter.admit("single-use", context.ip)
      const answer = { challenge, factor, remember: remember === "yes" }
      const { deviceToken, ...proved } = await secondFactors.factors
        .prove(answer, bindingOf(interaction), context)
        .catch(refused("single-use", context.ip))
      if (deviceToken) devices.write(res, deviceToken)
      await finish(req, res, loginOf(proved))
    })
    if (!fault) return
    const isWrong = fault.code === "mfa.code-invalid"
    if (isWrong) showCode(req, res, interaction, { challenge, hasPasskey: has_passkey === "yes", isWrong })
    else showSignIn(req, res, interaction, fault)
  })

  router.post(`${path}/second-factor/passkey`, ...read, async (req, res) => {
    const interaction = await find(req, res)
    if (!interaction) return
    const { challenge } = fields(req)
    const fault = await attempt(async () => {
      await limiter.admit("passkey-options", contextOf(req, res, logger).ip)
      const options = await secondFactors.factors.beginPasskey(challenge, bindingOf(interaction))
      showPasskey(req, res, interaction, { action: "/second-factor", challenge, options })
    })
    if (fault) showSignIn(req, res, interaction, fault)
  })

  router.post(`${path}/passkey`, ...read, async (req, res) => {
    const interaction = await find(req, res)
    if (!interaction) return
    const fault = await attempt(async () => {
      await limiter.admit("passkey-options", contextOf(req, res, logger).ip)
      const options = await secondFactors.passkeys.beginSignIn(bindingOf(interaction))
      showPasskey(req, res, interaction, { action: "/passkey/sign-in", options })
    })
    if (fault) showSignIn(req, res, interaction, fault)
  })

  router.post(`${path}/passkey/sign-in`, ...read, async (req, res) => {
    const interaction = await find(req, res)
    if (!interaction) return
    const context = ofApp(contextOf(req, res, logger), interaction)
    const fault = await attempt(async () => {
      const assertion = assertionIn(req)
      if (!assertion) throw new Problem("passkey.invalid")
      await limiter.admit("sign-in", context.ip)
      const proved = await secondFactors.passkeys.prove(assertion, bindingOf(interaction), context)
      await limiter.forgive("sign-in", context.ip)
      await finish(req, res, loginOf(proved))
    })
    if (fault) showSignIn(req, res, interaction, fault)
  })

  return {
    show(req: Request, res: Response, interaction: Interaction, { token, methods }: MfaChallenge): void {
      const hasPasskey = methods.includes("passkey")
      showCode(req, res, interaction, { challenge: token, hasPasskey, isWrong: false })
    },
  }

  function showCode(
    req: Request,
    res: Response,
    interaction: Interaction,
    view: { challenge: string; hasPasskey: boolean; isWrong: boolean },
  ): void {
    const { uid } = interaction
    send(req, res, interaction, (texts) => ({
      status: view.isWrong ? 401 : 200,
      title: texts.secondFactor.title,
      body: secondFactorBody({ uid, texts, ...view }),
    }))
  }

  function showPasskey(
    req: Request,
    res: Response,
    interaction: Interaction,
    view: { action: string; challenge?: string; options: PasskeyOptions },
  ): void {
    const { uid } = interaction
    send(req, res, interaction, (texts) => ({
      script: "passkey.js",
      title: texts.passkey.title,
      body: passkeyBody({ uid, texts, ...view }),
    }))
  }

  function send(
    req: Request,
    res: Response,
    { params }: Interaction,
    make: (texts: Texts) => { title: string; body: Html; status?: number; script?: string },
  ): void {
    const language = languageOf(req, params)
    const app = apps.find(String(params.client_id))
    sendPage(res, { language, app, leadsTo: String(params.redirect_uri ?? ""), ...make(textsOf(language)) })
  }

  function refused(limit: "single-use", ip: string) {
    return async (error: unknown): Promise<never> => {
      if (error instanceof Problem && error.status < 500) await limiter.refused(limit, ip)
      throw error
    }
  }
}

/** @throws Problem `mfa.code-invalid` for what can't be any */
function givenFactor(req: Request): GivenFactor {
  const assertion = assertionIn(req)
  if (assertion) return { kind: "passkey", assertion }
  const { code } = fields(req)
  const digits = TotpCode.safeParse(code)
  if (digits.success) return { kind: "totp", code: digits.data }
  if (code === "" || code.length > 100) throw new Problem("mfa.code-invalid")
  return { kind: "recovery-code", code }
}

function assertionIn(req: Request): Assertion | undefined {
  const { credential } = fields(req)
  try {
    return Assertion.safeParse(JSON.parse(credential)).data
  } catch {
    return undefined
  }
}

type FieldName = "challenge" | "code" | "remember" | "has_passkey" | "credential"

/** @throws Problem `request.malformed` on what nobody can type */
function fields(req: Request): Record<FieldName, string> {
  const sent = (req.body ?? {}) as Record<string, unknown>
  const text = (name: FieldName) => (typeof sent[name] === "string" ? sent[name] : "")
  const typed = {
    challenge: text("challenge"),
    code: text("code"),
    remember: text("remember"),
    has_passkey: text("has_passkey"),
    credential: text("credential"),
  }
  if (!Object.values(typed).every(isStorable)) throw new Problem("request.malformed")
  return typed
}
