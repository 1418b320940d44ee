import { evenly } from "@gatepost/http"
import express, { type Request, type Response, Router } from "express"
import { Email } from "../modules/accounts/index.js"
import { form } from "./forms.js"
import { html } from "./html.js"
import { sendPage } from "./layout.js"
import type { PageParts } from "./page-parts.js"
import { sameOrigin } from "./same-origin.js"
import { appOf, pageContextOf, speechOf } from "./speech.js"

/** Asks for a reset link; the answer is the same for every address. */
export function forgotPasswordPage(parts: PageParts): Router {
  const { apps, passwordReset } = parts
  const router = Router({ caseSensitive: true, strict: true })
  const read = express.urlencoded({ extended: false, limit: "4kb" })

  router.get("/forgot-password", (req, res) => show(req, res))
  router.post("/forgot-password", sameOrigin(parts.config.PUBLIC_URL), read, async (req, res) => {
    const email = Email.safeParse(req.body?.email)
    if (!email.success) return show(req, res, true)
    const context = pageContextOf(req, res, parts)
    await parts.limiter.admit("send-mail", context.ip)
    await evenly(passwordReset.request(email.data, context))
    const { language, texts } = speechOf(req)
    const body = html`<p role="status">${texts.linkSent}</p>`
    sendPage(res, { language, app: appOf(req, apps), title: texts.linkSentTitle, body })
  })
  return router

  function show(req: Request, res: Response, isInvalid = false): void {
    const { language, texts } = speechOf(req)
    sendPage(res, {
      status: isInvalid ? 400 : 200,
      language,
      app: appOf(req, apps),
      title: texts.forgotTitle,
      body: html`<p>${texts.forgotLead}</p>${form({
        fields: [{ name: "email", label: texts.email, type: "email", autocomplete: "username" }],
        button: texts.sendLink,
        fault: isInvalid ? texts.invalidEmail : undefined,
      })}`,
    })
  }
}
