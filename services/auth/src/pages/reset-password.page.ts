import { contextOf, isStorable, Problem } from "@gatepost/http"
import express, { type Response, Router } from "express"
import { newPassword } from "../modules/passwords/index.js"
import { html } from "./html.js"
import { sendPage } from "./layout.js"
import type { PageParts } from "./pages.js"

/** The form behind a reset link; works without JavaScript. */
export function resetPasswordPage(
  { passwordReset, logger }: Pick<PageParts, "passwordReset" | "logger">,
  policy: { minLength: number },
): Router {
  const router = Router({ caseSensitive: true, strict: true })
  const password = newPassword(policy.minLength)

  router.get("/reset-password", async (req, res) => {
    const { token } = req.query
    if (typeof token !== "string" || !(await passwordReset.isUsable(token))) return deadLink(res)
    form(res, token)
  })

  router.post("/reset-password", express.urlencoded({ extended: false, limit: "4kb" }), async (req, res) => {
    const { token, new_password } = (req.body ?? {}) as Record<string, unknown>
    if (typeof token !== "string") return deadLink(res)
    if (typeof new_password === "string" && !isStorable(new_password)) throw new Problem("request.malformed")
    const checked = password.safeParse(new_password)
    if (!checked.success) return form(res, token, `The password ${checked.error.issues[0]?.message}.`)
    try {
      await passwordReset.confirm(token, checked.data, contextOf(req, res, logger))
      sendPage(res, {
        title: "Password changed",
        body: html`<p>You were signed out everywhere. Sign in with the new password.</p>`,
      })
    } catch (error) {
      if (!(error instanceof Problem) || error.status >= 500) throw error
      deadLink(res)
    }
  })
  return router

  function form(res: Response, token: string, fault?: string): void {
    sendPage(res, {
      title: "Choose a new password",
      status: fault ? 400 : 200,
      body: html`<p>At least ${String(policy.minLength)} characters; a few words make a good one.</p>
        ${fault ? html`<p role="alert">${fault}</p>` : ""}
        <form method="post" action="/reset-password">
          <input type="hidden" name="token" value="${token}">
          <label for="new_password">New password</label>
          <input id="new_password" name="new_password" type="password" autocomplete="new-password"
            minlength="${String(policy.minLength)}" required autofocus>
          <button>Change password</button>
        </form>`,
    })
  }
}

function deadLink(res: Response): void {
  sendPage(res, {
    title: "This link no longer works",
    status: 400,
    body: html`<p>It was used before, or its time is over. Ask the app for a new one.</p>`,
  })
}
