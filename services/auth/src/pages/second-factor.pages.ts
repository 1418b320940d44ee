import { contextOf, isStorable, Problem } from "@gatepost/http"
import type { Request, RequestHandler, Response, Router } from "express"
import type { Apps } from "../modules/apps/index.js"
import type { Interaction } from "../modules/oidc/index.js"
import type { PasskeyOptions } from "../modules/passkeys/index.js"
import type { MfaChallenge } from "../modules/sessions/index.js"
import type { Html } from "./html.js"
import { attempt, bindingOf, type InteractionResult, languageOf, loginOf, ofApp } from "./interactions.js"
import { sendPage } from "./layout.js"
import { limited } from "./limited.js"
import type { PageParts } from "./page-parts.js"
import { assertionIn, givenFactor } from "./presented-factor.js"
import type { RememberedDevice } from "./remembered-device.js"
import { passkeyBody, secondFactorBody } from "./second-factor.views.js"
import { type Texts, textsOf } from "./texts/index.js"

interface Frame {
  router: Router
  /** Of the interaction. */
  path: string
  /** What every form goes through. */
  read: readonly RequestHandler[]
  devices: RememberedDevice
  find(req: Request, res: Response): Promise<Interaction | undefined>
  finish(req: Request, res: Response, result: InteractionResult): Promise<void>
  showSignIn(req: Request, res: Response, interaction: Interaction, fault: Problem): void
}

/** The pages of a sign-in that ask for a second factor, or for a passkey in place of both. */
export function secondFactorPages(parts: PageParts, frame: Frame): void {
  const { apps, secondFactors, limiter, logger } = parts
  const { router, path, read, devices, find, finish, showSignIn } = frame

  router.post(`${path}/second-factor`, ...read, async (req, res) => {
    const interaction = await find(req, res)
    if (!interaction) return
    const context = ofApp(contextOf(req, res, logger), interaction)
    const { challenge, remember, has_passkey } = fields(req)
    const fault = await attempt(async () => {
      const factor = givenFactor(fields(req))
      const answer = { challenge, factor, remember: remember === "yes" }
      const { mfaDeviceToken, ...proved } = await limited(parts, "single-use", context.ip, () =>
        secondFactors.factors.prove(answer, bindingOf(interaction), context),
      )
      if (mfaDeviceToken) devices.write(res, mfaDeviceToken)
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
      const assertion = assertionIn(fields(req).credential)
      if (!assertion) throw new Problem("passkey.invalid")
      const proved = await limited(parts, "sign-in", context.ip, () =>
        secondFactors.passkeys.prove(assertion, bindingOf(interaction), context),
      )
      await finish(req, res, loginOf(proved))
    })
    if (fault) showSignIn(req, res, interaction, fault)
  })

  function showCode(req: Request, res: Response, interaction: Interaction, view: CodeView): void {
    showSecondFactor(apps, req, res, interaction, view)
  }

  function showPasskey(
    req: Request,
    res: Response,
    interaction: Interaction,
    view: { action: string; challenge?: string; options: PasskeyOptions },
  ): void {
    const { uid } = interaction
    send(apps, req, res, interaction, (texts) => ({
      script: "passkey.js",
      title: texts.passkey.title,
      body: passkeyBody({ uid, texts, ...view }),
    }))
  }
}

interface CodeView {
  challenge: string
  hasPasskey: boolean
  isWrong: boolean
}

/** What a sign-in page shows next to somebody who is challenged, however they proved the first factor. */
export function showChallenge(
  apps: Apps,
  req: Request,
  res: Response,
  interaction: Interaction,
  { token, methods }: MfaChallenge,
): void {
  const view = { challenge: token, hasPasskey: methods.includes("passkey"), isWrong: false }
  showSecondFactor(apps, req, res, interaction, view)
}

function showSecondFactor(apps: Apps, req: Request, res: Response, interaction: Interaction, view: CodeView) {
  const { uid } = interaction
  send(apps, req, res, interaction, (texts) => ({
    status: view.isWrong ? 401 : 200,
    title: texts.secondFactor.title,
    body: secondFactorBody({ uid, texts, ...view }),
  }))
}

function send(
  apps: Apps,
  req: Request,
  res: Response,
  { params }: Interaction,
  make: (texts: Texts) => { title: string; body: Html; status?: number; script?: string },
): void {
  const language = languageOf(req, params)
  const app = apps.find(String(params.client_id))
  sendPage(res, { language, app, leadsTo: String(params.redirect_uri ?? ""), ...make(textsOf(language)) })
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
