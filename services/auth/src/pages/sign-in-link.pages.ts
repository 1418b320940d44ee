import { contextOf, evenly, Problem } from "@gatepost/http"
import express, { type Request, type Response, Router } from "express"
import { Email } from "../modules/accounts/index.js"
import type { Interaction } from "../modules/oidc/index.js"
import { OneTimeCode } from "../modules/one-time-codes/index.js"
import { form } from "./forms.js"
import { html } from "./html.js"
import { attempt, languageOf, whereOf } from "./interactions.js"
import { sendPage } from "./layout.js"
import { limited } from "./limited.js"
import { AT_ACCOUNT, type MailProof, mailCookie, tokenOf } from "./mail-proof.js"
import { type EndSignIn, ownInteraction } from "./own-interaction.js"
import type { PageParts } from "./page-parts.js"
import type { RememberedDevice } from "./remembered-device.js"
import { sameOrigin } from "./same-origin.js"
import { appOf, speechOf } from "./speech.js"
import { textsOf } from "./texts/index.js"

const PATH = "/interaction/:uid/sign-in-link"

/**
 * Sign-in by a mail, of a sign-in that an app began: its link or code does it in the browser that asked, where a
 * cookie holds the sign-in and the mail's other half. Opening the link changes nothing: its button does (check 49).
 */
export function signInLinkPages(parts: PageParts, end: EndSignIn, devices: RememberedDevice): Router {
  const { apps, config, limiter, logger, oidc, sessions, signInLinks } = parts
  const router = Router({ caseSensitive: true, strict: true })
  const read = [sameOrigin(config.PUBLIC_URL), express.urlencoded({ extended: false, limit: "4kb" })] as const
  const cookie = mailCookie(config.PUBLIC_URL)

  router.get(PATH, async (req, res) => {
    const interaction = await ownInteraction(oidc, req, res)
    if (interaction) ask(req, res, interaction)
  })
  router.post(PATH, ...read, async (req, res) => {
    const interaction = await ownInteraction(oidc, req, res)
    if (!interaction) return
    const email = Email.safeParse(req.body?.email)
    if (!email.success) return ask(req, res, interaction, true)
    const context = contextFor(req, res, interaction)
    await limiter.admit("send-mail", context.ip)
    cookie.keep(res, `${interaction.uid}.${await evenly(signInLinks.request(email.data, context))}`)
    typeCode(req, res, interaction)
  })
  router.post(`${PATH}/code`, ...read, (req, res) => {
    const code = OneTimeCode.safeParse(req.body?.otp)
    return finish(req, res, code.success ? { digits: code.data } : undefined)
  })
  router.post(`${PATH}/open`, ...read, (req, res) => {
    const { token } = req.body ?? {}
    return finish(req, res, typeof token === "string" ? { token } : undefined)
  })

  router.get("/sign-in-link", (req, res) => {
    const { language, texts } = speechOf(req)
    const app = appOf(req, apps)
    const [uid] = cookie.read(req)?.split(".") ?? []
    if (!uid) {
      const body = html`<p>${texts.byMailElsewhere}</p>`
      return sendPage(res, { language, app, title: texts.byMailOpenTitle, body })
    }
    const place = uid === AT_ACCOUNT ? "/account/by-mail" : `/interaction/${uid}/sign-in-link`
    res.redirect(303, `${place}/open?${new URLSearchParams({ token: tokenOf(req) })}`)
  })
  router.get(`${PATH}/open`, async (req, res) => {
    const interaction = await ownInteraction(oidc, req, res)
    if (!interaction) return
    const { uid, params } = interaction
    const language = languageOf(req, params)
    const texts = textsOf(language)
    const action = `/interaction/${uid}/sign-in-link/open`
    sendPage(res, {
      language,
      app: apps.find(String(params.client_id)),
      leadsTo: String(params.redirect_uri ?? ""),
      title: texts.byMailOpenTitle,
      body: html`<p>${texts.byMailOpenLead}</p>
        ${form({ action, hidden: { token: tokenOf(req) }, fields: [], button: texts.signIn })}`,
    })
  })
  return router

  async function finish(req: Request, res: Response, fromMail: MailProof | undefined): Promise<void> {
    const interaction = await ownInteraction(oidc, req, res)
    if (!interaction) return
    const context = contextFor(req, res, interaction)
    const [uid, binding] = cookie.read(req)?.split(".") ?? []
    const proof = { ...whereOf(req, interaction, devices), amr: ["otp"] }
    const fault = await attempt(async () => {
      const admission = await limited(parts, "single-use", context.ip, async () => {
        if (!fromMail || !binding || uid !== interaction.uid) throw new Problem("sign-in-link.invalid")
        return evenly(
          signInLinks.whileProved(binding, fromMail, context, (trx, account, at) =>
            sessions.admitBrowser(trx, account, { ...proof, at }, context),
          ),
        )
      })
      await end(req, res, interaction, admission)
    })
    if (fault) typeCode(req, res, interaction, fault)
  }

  function contextFor(req: Request, res: Response, { params }: Interaction) {
    const language = languageOf(req, params)
    return { ...contextOf(req, res, logger), clientId: String(params.client_id), language }
  }

  function ask(req: Request, res: Response, { uid, params }: Interaction, isInvalid = false): void {
    const language = languageOf(req, params)
    const texts = textsOf(language)
    const email = { name: "email", label: texts.email, type: "email", autocomplete: "username" } as const
    const fault = isInvalid ? texts.invalidEmail : undefined
    sendPage(res, {
      status: isInvalid ? 400 : 200,
      language,
      app: apps.find(String(params.client_id)),
      title: texts.byMailTitle,
      body: html`<p>${texts.byMailLead}</p>${form({ fields: [email], button: texts.sendLink, fault })}
        <nav><a href="/interaction/${uid}">${texts.signIn}</a></nav>`,
    })
  }

  function typeCode(req: Request, res: Response, { uid, params }: Interaction, fault?: Problem): void {
    const language = languageOf(req, params)
    const texts = textsOf(language)
    const otp = { name: "otp", label: texts.byMailCode, type: "text", autocomplete: "one-time-code" } as const
    const wrong = fault && (fault.code === "sign-in-link.invalid" ? texts.byMailCodeWrong : texts.busy)
    sendPage(res, {
      status: fault?.status ?? 200,
      language,
      app: apps.find(String(params.client_id)),
      leadsTo: String(params.redirect_uri ?? ""),
      title: texts.linkSentTitle,
      body: html`<p role="status">${texts.byMailSent}</p>${form({
        action: `/interaction/${uid}/sign-in-link/code`,
        fields: [otp],
        button: texts.signIn,
        fault: wrong,
      })}
        <nav><a href="/interaction/${uid}/sign-in-link">${texts.byMailAgain}</a></nav>`,
    })
  }
}
