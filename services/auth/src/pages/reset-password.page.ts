import { isStorable, Problem } from "@gatepost/http"
import express, { type Request, type Response, Router } from "express"
import { newPassword } from "../modules/passwords/index.js"
import { form } from "./forms.js"
import { html } from "./html.js"
import { sendPage } from "./layout.js"
import { newPasswordField, passwordFault } from "./new-password.js"
import type { PageParts } from "./page-parts.js"
import { appOf, pageContextOf, speechOf } from "./speech.js"

/** The form behind a reset link; works without JavaScript. */
export function resetPasswordPage(
  { apps, passwordReset, logger }: Pick<PageParts, "apps" | "passwordReset" | "logger">,
  policy: { minLength: number },
): Router {
  const router = Router({ caseSensitive: true, strict: true })
  const password = newPassword(policy.minLength)

  router.get("/reset-password", async (req, res) => {
    const { token } = req.query
    if (typeof token !== "string" || !(await passwordReset.isUsable(token))) return deadLink(req, res)
    show(req, res, token)
  })

  router.post("/reset-password", express.urlencoded({ extended: false, limit: "4kb" }), async (req, res) => {
    const { token, new_password } = (req.body ?? {}) as Record<string, unknown>
    if (typeof token !== "string") return deadLink(req, res)
    if (typeof new_password === "string" && !isStorable(new_password)) throw new Problem("request.malformed")
    const checked = password.safeParse(new_password)
    if (!checked.success) return show(req, res, token, new Problem("request.invalid"))
    try {
      await passwordReset.confirm(token, checked.data, pageContextOf(req, res, { apps, logger }))
      const { language, texts } = speechOf(req)
      const body = html`<p>${texts.passwordChangedLead}</p>`
      sendPage(res, { language, app: appOf(req, apps), isDone: true, title: texts.passwordChanged, body })
    } catch (error) {
      if (!(error instanceof Problem) || error.status >= 500) throw error
      if (error.code === "request.invalid") return show(req, res, token, error)
      deadLink(req, res)
    }
  })
  return router

  function show(req: Request, res: Response, token: string, fault?: Problem): void {
    const { language, texts } = speechOf(req)
    const app = appOf(req, apps)
    const { minLength } = policy
    sendPage(res, {
      language,
      app,
      title: texts.resetTitle,
      status: fault?.status ?? 200,
      body: form({
        action: `/reset-password${app ? `?client_id=${app.client_id}` : ""}`,
        hidden: { token },
        fields: [newPasswordField(texts.newPassword, texts, minLength)],
        button: texts.changePassword,
        fault: fault && passwordFault(fault, texts, minLength),
      }),
    })
  }

  function deadLink(req: Request, res: Response): void {
    const { language, texts } = speechOf(req)
    const body = html`<p>${texts.deadLinkLead}</p>`
    sendPage(res, { language, app: appOf(req, apps), title: texts.deadLink, status: 400, body })
  }
}
