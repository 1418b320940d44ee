import { contextOf, Problem } from "@gatepost/http"
import express, { type Request, Router } from "express"
import { html } from "./html.js"
import { sendPage } from "./layout.js"
import type { PageParts } from "./pages.js"

const PATHS = ["/v1", "/api/v1", ""].map((prefix) => `${prefix}/auth/verify-email/:token`)

/**
 * What a verification link shows in a browser. Opening it changes nothing, since mail scanners open
 * links; the button does (check 49). API clients go on to the JSON call at the same path.
 */
export function verifyEmailPage({
  emailVerification,
  logger,
}: Pick<PageParts, "emailVerification" | "logger">): Router {
  const router = Router({ caseSensitive: true, strict: true })

  router.get(PATHS, (req, res, next) => {
    if (!wantsPage(req)) return next()
    sendPage(res, {
      title: "Confirm your email",
      body: html`<p>One more click, and this address is yours here.</p>
        <form method="post"><button>Confirm my email</button></form>`,
    })
  })

  router.post(PATHS, express.urlencoded({ extended: false, limit: "1kb" }), async (req, res, next) => {
    if (!wantsPage(req)) return next()
    try {
      await emailVerification.confirm(String(req.params.token), contextOf(req, res, logger))
      sendPage(res, { title: "Email confirmed", body: html`<p>Thank you. You can close this page.</p>` })
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      sendPage(res, {
        title: "This link no longer works",
        status: 400,
        body: html`<p>It was used before, or its time is over. Ask the app for a new one.</p>`,
      })
    }
  })
  return router
}

const wantsPage = (req: Request) => req.method === "HEAD" || req.accepts(["json", "html"]) === "html"
