import { contextOf, Problem } from "@gatepost/http"
import express, { type Request, type Response, Router } from "express"
import type { z } from "zod"
import { accountsRepository } from "../modules/accounts/index.js"
import { consentTo, type Oidc } from "../modules/oidc/index.js"
import { registerBody } from "../modules/registration/index.js"
import { consentBody, signInBody, signUpBody } from "./interaction.views.js"
import { sendPage } from "./layout.js"
import type { PageParts } from "./pages.js"
import { sameOrigin } from "./same-origin.js"
import { pickLanguage, textsOf } from "./texts.js"

type Interaction = Awaited<ReturnType<ReturnType<Oidc["provider"]>["interactionDetails"]>>

type InteractionResult = Parameters<ReturnType<Oidc["provider"]>["interactionFinished"]>[2]

const PATH = "/interaction/:uid"

/**
 * The pages of a sign-in that an app started at the OpenID Provider. Each belongs to the browser that has
 * the interaction's cookie, and takes forms from this origin alone (check 91).
 */
export function interactionPages(parts: PageParts, policy: { minLength: number }): Router {
  const { oidc, apps, database, sessions, registration, logger } = parts
  const RegisterBody = registerBody(policy.minLength)
  const router = Router({ caseSensitive: true, strict: true })
  const read = express.urlencoded({ extended: false, limit: "8kb" })

  router.get(PATH, async (req, res) => {
    const interaction = await find(req, res)
    if (interaction?.prompt.name === "consent") return showConsent(req, res, interaction)
    if (interaction) show(req, res, interaction, "sign-in")
  })
  router.get(`${PATH}/register`, async (req, res) => {
    const interaction = await find(req, res)
    if (interaction) show(req, res, interaction, "sign-up")
  })

  router.post(`${PATH}/login`, sameOrigin(parts.config.PUBLIC_URL), read, async (req, res) => {
    const interaction = await find(req, res)
    if (!interaction) return
    const { email, password } = fields(req)
    const context = contextOf(req, res, logger)
    const fault = await attempt(async () => {
      await parts.limiter.admit("sign-in", context.ip)
      const account = await sessions.findProved({ email: email.trim().toLowerCase(), password }, context)
      if (!account) {
        await parts.limiter.refused("sign-in", context.ip)
        throw new Problem("session.credentials-invalid")
      }
      await finish(req, res, { login: { accountId: account.id, amr: ["pwd"] } })
    })
    if (fault) show(req, res, interaction, "sign-in", fault)
  })
  router.post(`${PATH}/register`, sameOrigin(parts.config.PUBLIC_URL), read, async (req, res) => {
    const interaction = await find(req, res)
    if (!interaction) return
    const { email, password, name } = fields(req)
    const context = { ...contextOf(req, res, logger), clientId: String(interaction.params.client_id) }
    const fault = await attempt(async () => {
      await parts.limiter.admit("register", context.ip)
      const person = RegisterBody.safeParse({ email, password, ...(name && { name }) })
      if (!person.success) throw invalid(person.error)
      const account = await registration.createAccount(person.data, context)
      await finish(req, res, { login: { accountId: account.id, amr: ["pwd"] } })
    })
    if (fault) show(req, res, interaction, "sign-up", fault)
  })
  router.post(`${PATH}/consent`, sameOrigin(parts.config.PUBLIC_URL), read, async (req, res) => {
    const interaction = await find(req, res)
    if (!interaction) return
    if (interaction.prompt.name !== "consent") return res.redirect(303, `/interaction/${interaction.uid}`)
    await finish(req, res, consentTo(interaction))
  })
  router.post(`${PATH}/abort`, sameOrigin(parts.config.PUBLIC_URL), read, async (req, res) => {
    if (await find(req, res))
      await finish(req, res, { error: "access_denied", error_description: "The person declined" })
  })
  return router

  async function find(req: Request, res: Response): Promise<Interaction | undefined> {
    try {
      return await oidc.provider().interactionDetails(req, res)
    } catch {
      const language = pickLanguage(req.get("Accept-Language"))
      const texts = textsOf(language)
      sendPage(res, {
        status: 400,
        language,
        title: texts.errorTitle,
        body: { html: `<p>${texts.errorExpired}</p>` },
      })
      return undefined
    }
  }

  function finish(req: Request, res: Response, result: InteractionResult): Promise<void> {
    return oidc.provider().interactionFinished(req, res, result, { mergeWithLastSubmission: true })
  }

  /** @returns the refusal that the page can show */
  async function attempt(work: () => Promise<void>): Promise<Problem | undefined> {
    try {
      await work()
      return undefined
    } catch (error) {
      if (error instanceof Problem && error.status !== 500) return error
      throw error
    }
  }

  function show(
    req: Request,
    res: Response,
    interaction: Interaction,
    which: "sign-in" | "sign-up",
    fault?: Problem,
  ) {
    const { uid, params } = interaction
    const app = apps.find(String(params.client_id))
    const language = pickLanguage(params.ui_locales as string | undefined, req.get("Accept-Language"))
    const texts = textsOf(language)
    const email = fields(req).email || (typeof params.login_hint === "string" ? params.login_hint : "")
    const view = { uid, texts, email, fault, minLength: policy.minLength }
    sendPage(res, {
      status: fault?.status ?? 200,
      language,
      app,
      leadsTo: String(params.redirect_uri ?? ""),
      title: which === "sign-in" ? texts.signInTo(app?.client_name ?? "Gatepost") : texts.register,
      body: which === "sign-in" ? signInBody(view) : signUpBody(view),
    })
  }

  async function showConsent(req: Request, res: Response, interaction: Interaction): Promise<void> {
    const { uid, params, session } = interaction
    const app = apps.find(String(params.client_id))
    const language = pickLanguage(params.ui_locales as string | undefined, req.get("Accept-Language"))
    const texts = textsOf(language)
    const account = await accountsRepository(database.db).findActive(String(session?.accountId))
    const name = app?.client_name ?? String(params.client_id)
    sendPage(res, {
      language,
      app,
      leadsTo: String(params.redirect_uri ?? ""),
      title: texts.consentTitle(name),
      body: consentBody({
        uid,
        texts,
        name,
        email: account?.email ?? "",
        scopes: String(params.scope ?? "").split(" "),
      }),
    })
  }
}

const invalid = (error: z.ZodError) =>
  new Problem("request.invalid", {
    errors: error.issues.map(({ path, message }) => ({ pointer: `/${path.join("/")}`, message })),
  })

function fields(req: Request): Record<"email" | "password" | "name", string> {
  const { email, password, name } = (req.body ?? {}) as Record<string, unknown>
  const text = (value: unknown) => (typeof value === "string" ? value : "")
  return { email: text(email), password: text(password), name: text(name) }
}
