import { contextOf, isStorable, Problem } from "@gatepost/http"
import express, { type Request, type Response, Router } from "express"
import { z } from "zod"
import { accountsRepository, Email } from "../modules/accounts/index.js"
import { consentTo, type Interaction } from "../modules/oidc/index.js"
import { PresentedPassword } from "../modules/passwords/index.js"
import { registerBody } from "../modules/registration/index.js"
import { cookiesOf, DEVICE_COOKIE, keepDevice } from "./device-cookie.js"
import { consentBody, signInBody, signUpBody } from "./interaction.views.js"
import { attempt, type InteractionResult, languageOf, loginOf, ofApp, whereOf } from "./interactions.js"
import { sendPage } from "./layout.js"
import type { EndSignIn } from "./own-interaction.js"
import type { PageParts } from "./page-parts.js"
import { rememberedDevice } from "./remembered-device.js"
import { sameOrigin } from "./same-origin.js"
import { secondFactorPages, showChallenge } from "./second-factor.pages.js"
import { signInLinkPages } from "./sign-in-link.pages.js"
import { socialPages } from "./social.pages.js"
import { socialFault } from "./social.views.js"
import { pickLanguage, textsOf } from "./texts/index.js"

const PATH = "/interaction/:uid"
const SignInBody = z.object({ email: Email, password: PresentedPassword })

/**
 * The pages of a sign-in that an app started at the OpenID Provider. Each belongs to the browser that has
 * the interaction's cookie, and takes forms from this origin alone (check 91).
 */
export function interactionPages(parts: PageParts, policy: { minLength: number }): Router {
  const { oidc, sessions, registration, limiter, logger } = parts
  const RegisterBody = registerBody(policy.minLength)
  const router = Router({ caseSensitive: true, strict: true })
  const read = [
    sameOrigin(parts.config.PUBLIC_URL),
    express.urlencoded({ extended: false, limit: "8kb" }),
  ] as const
  const show = signPages(parts, policy)
  const devices = rememberedDevice(parts.config.PUBLIC_URL)
  secondFactorPages(parts, { router, path: PATH, read, find, finish, devices, showSignIn })
  // What every other way to sign in ends with.
  const end: EndSignIn = async (req, res, interaction, admission) => {
    if (admission.kind === "admitted") return finish(req, res, loginOf(admission.result))
    showChallenge(parts.apps, req, res, interaction, admission.challenge)
  }
  router.use(socialPages(parts, end, devices))
  router.use(signInLinkPages(parts, end, devices))

  router.get(PATH, async (req, res) => {
    const interaction = await find(req, res)
    if (interaction?.prompt.name === "consent") return showConsent(req, res, interaction, parts)
    if (interaction) show(req, res, interaction, "sign-in", socialFault(req))
  })
  router.get(`${PATH}/register`, async (req, res) => {
    const interaction = await find(req, res)
    if (interaction) show(req, res, interaction, "sign-up")
  })

  router.post(`${PATH}/login`, ...read, async (req, res) => {
    const interaction = await find(req, res)
    if (!interaction) return
    const context = contextOf(req, res, logger)
    const fault = await attempt(async () => {
      const credentials = SignInBody.safeParse(fields(req))
      if (!credentials.success) throw new Problem("session.credentials-invalid")
      const where = whereOf(req, interaction, devices)
      const { [DEVICE_COOKIE]: own = null } = cookiesOf(req)
      const from = { ...ofApp(context, interaction), deviceToken: own }
      const admission = await sessions.prove(credentials.data, where, from)
      if (admission.kind === "challenged")
        return showChallenge(parts.apps, req, res, interaction, admission.challenge)
      const { deviceToken } = admission.result
      if (deviceToken) keepDevice(res, deviceToken, parts.config.PUBLIC_URL)
      await finish(req, res, loginOf(admission.result))
    })
    if (fault) show(req, res, interaction, "sign-in", fault)
  })
  router.post(`${PATH}/register`, ...read, async (req, res) => {
    const interaction = await find(req, res)
    if (!interaction) return
    const { email, password, name } = fields(req)
    const context = {
      ...contextOf(req, res, logger),
      clientId: String(interaction.params.client_id),
      language: languageOf(req, interaction.params),
    }
    const fault = await attempt(async () => {
      await limiter.admit("register", context.ip)
      const person = RegisterBody.safeParse({ email, password, ...(name && { name }) })
      if (!person.success) throw invalid(person.error)
      const { id, createdAt } = await registration.createAccount(person.data, context)
      await finish(req, res, loginOf({ accountId: id, at: createdAt.getTime() / 1000, amr: ["pwd"] }))
    })
    if (fault) show(req, res, interaction, "sign-up", fault)
  })
  router.post(`${PATH}/consent`, ...read, async (req, res) => {
    const interaction = await find(req, res)
    if (!interaction) return
    if (interaction.prompt.name !== "consent") return res.redirect(303, `/interaction/${interaction.uid}`)
    await finish(req, res, consentTo(interaction))
  })
  router.post(`${PATH}/abort`, ...read, async (req, res) => {
    if (await find(req, res))
      await finish(req, res, { error: "access_denied", error_description: "The person declined" })
  })
  return router

  function showSignIn(req: Request, res: Response, interaction: Interaction, fault: Problem): void {
    show(req, res, interaction, "sign-in", fault)
  }

  async function find(req: Request, res: Response): Promise<Interaction | undefined> {
    const interaction = await oidc.findInteraction(req, res)
    // A cookie's path keeps it to its interaction, in browsers.
    if (interaction?.uid === req.params.uid) return interaction
    const language = pickLanguage(req.get("Accept-Language"))
    const texts = textsOf(language)
    const body = { html: `<p>${texts.errorExpired}</p>` }
    sendPage(res, { status: 400, language, title: texts.errorTitle, body })
    return undefined
  }

  function finish(req: Request, res: Response, result: InteractionResult): Promise<void> {
    return oidc.provider().interactionFinished(req, res, result, { mergeWithLastSubmission: true })
  }
}

function signPages({ apps, social }: PageParts, { minLength }: { minLength: number }) {
  return (
    req: Request,
    res: Response,
    { uid, params }: Interaction,
    which: "sign-in" | "sign-up",
    fault?: Problem,
  ): void => {
    const clientId = String(params.client_id)
    const app = apps.find(clientId)
    const language = languageOf(req, params)
    const texts = textsOf(language)
    const { email, name } = fields(req)
    const hint = typeof params.login_hint === "string" ? params.login_hint : ""
    const view = {
      uid,
      clientId,
      texts,
      email: email || hint,
      name,
      fault,
      minLength,
      providers: social.list(app),
    }
    sendPage(res, {
      status: fault?.status ?? 200,
      language,
      app,
      leadsTo: String(params.redirect_uri ?? ""),
      title: which === "sign-in" ? texts.signInTo(app?.client_name ?? "Gatepost") : texts.register,
      body: which === "sign-in" ? signInBody(view) : signUpBody(view),
    })
  }
}

async function showConsent(
  req: Request,
  res: Response,
  { uid, params, session }: Interaction,
  { apps, database }: PageParts,
): Promise<void> {
  const app = apps.find(String(params.client_id))
  const language = languageOf(req, params)
  const texts = textsOf(language)
  const account = await accountsRepository(database.db).findActive(String(session?.accountId))
  const name = app?.client_name ?? String(params.client_id)
  const view = {
    uid,
    texts,
    name,
    email: account?.email ?? "",
    scopes: String(params.scope ?? "").split(" "),
    hasApi: [params.resource ?? []].flat().length > 0,
  }
  sendPage(res, {
    language,
    app,
    leadsTo: String(params.redirect_uri ?? ""),
    title: texts.consentTitle(name),
    body: consentBody(view),
  })
}

const invalid = (error: z.ZodError) =>
  new Problem("request.invalid", {
    errors: error.issues.map(({ path, message }) => ({ pointer: `/${path.join("/")}`, message })),
  })

/** @throws Problem `request.malformed` on what nobody can type */
function fields(req: Request): Record<"email" | "password" | "name", string> {
  const { email, password, name } = (req.body ?? {}) as Record<string, unknown>
  const text = (value: unknown) => (typeof value === "string" ? value : "")
  const typed = { email: text(email), password: text(password), name: text(name) }
  if (!Object.values(typed).every(isStorable)) throw new Problem("request.malformed")
  return typed
}
