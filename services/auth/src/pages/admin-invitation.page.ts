import { isStorable, Problem } from "@gatepost/http"
import express, { type Request, type Response, Router } from "express"
import { newPassword } from "../modules/passwords/index.js"
import { form } from "./forms.js"
import { html } from "./html.js"
import { sendPage } from "./layout.js"
import { newPasswordField, passwordFault } from "./new-password.js"
import type { PageParts } from "./page-parts.js"
import { pageContextOf, speechOf } from "./speech.js"

/** The form behind the first admin's link; works without JavaScript. */
export function adminInvitationPage(
  { adminInvitations, apps, logger }: Pick<PageParts, "adminInvitations" | "apps" | "logger">,
  policy: { minLength: number },
): Router {
  const router = Router({ caseSensitive: true, strict: true })
  const password = newPassword(policy.minLength)

  router.get("/admin-invitation", async (req, res) => {
    const { token } = req.query
    const email = typeof token === "string" ? await adminInvitations.findEmail(token) : undefined
    if (typeof token !== "string" || !email) return deadLink(req, res)
    show(req, res, { token, email })
  })

  router.post(
    "/admin-invitation",
    express.urlencoded({ extended: false, limit: "4kb" }),
    async (req, res) => {
      const { token, new_password } = (req.body ?? {}) as Record<string, unknown>
      const email = typeof token === "string" ? await adminInvitations.findEmail(token) : undefined
      if (typeof token !== "string" || !email) return deadLink(req, res)
      if (typeof new_password === "string" && !isStorable(new_password))
        throw new Problem("request.malformed")
      const checked = password.safeParse(new_password)
      if (!checked.success) return show(req, res, { token, email }, new Problem("request.invalid"))
      try {
        await adminInvitations.accept(token, checked.data, pageContextOf(req, res, { apps, logger }))
        const { language, texts } = speechOf(req)
        const { done, doneLead } = texts.adminInvitation
        sendPage(res, { language, isDone: true, title: done, body: html`<p>${doneLead}</p>` })
      } catch (error) {
        if (!(error instanceof Problem) || error.status >= 500) throw error
        if (error.code === "request.invalid") return show(req, res, { token, email }, error)
        deadLink(req, res)
      }
    },
  )
  return router

  function show(
    req: Request,
    res: Response,
    { token, email }: { token: string; email: string },
    fault?: Problem,
  ): void {
    const { language, texts } = speechOf(req)
    const { minLength } = policy
    sendPage(res, {
      language,
      title: texts.adminInvitation.title,
      status: fault?.status ?? 200,
      body: html`<p>${texts.adminInvitation.lead(email)}</p>
      ${form({
        action: "/admin-invitation",
        hidden: { token },
        fields: [newPasswordField(texts.password, texts, minLength)],
        button: texts.adminInvitation.button,
        fault: fault && passwordFault(fault, texts, minLength),
      })}`,
    })
  }

  function deadLink(req: Request, res: Response): void {
    const { language, texts } = speechOf(req)
    const body = html`<p>${texts.adminInvitation.deadLead}</p>`
    sendPage(res, { language, title: texts.deadLink, status: 400, body })
  }
}
