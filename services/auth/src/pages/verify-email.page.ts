import { contextOf, dialects, Problem } from "@gatepost/http"
import express, { type Request, Router } from "express"
import { html } from "./html.js"
import { sendPage } from "./layout.js"
import type { PageParts } from "./page-parts.js"
import { appOf, speechOf } from "./speech.js"

const PATHS = dialects.map(({ prefix }) => `${prefix}/auth/verify-email/:token`)

/**
 * What a verification link shows in a browser. Opening it changes nothing, since mail scanners open
 * links; the button does (check 49). API clients go on to the JSON call at the same path.
 */
export function verifyEmailPage({
  apps,
  emailVerification,
  logger,
}: Pick<PageParts, "apps" | "emailVerification" | "logger">): Router {
  const router = Router({ caseSensitive: true, strict: true })

  router.get(PATHS, (req, res, next) => {
    if (!wantsPage(req)) return next()
    const { language, texts } = speechOf(req)
    const app = appOf(req, apps)
    sendPage(res, {
      language,
      app,
      title: texts.verifyTitle,
      body: html`<p>${texts.verifyLead}</p>
        <form method="post"><button>${texts.verify}</button></form>`,
    })
  })

  router.post(PATHS, express.urlencoded({ extended: false, limit: "1kb" }), async (req, res, next) => {
    if (!wantsPage(req)) return next()
    const { language, texts } = speechOf(req)
    const app = appOf(req, apps)
    try {
      await emailVerification.confirm(String(req.params.token), contextOf(req, res, logger))
      const body = html`<p>${texts.verifiedLead}</p>`
      sendPage(res, { language, app, isDone: true, title: texts.verified, body })
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      const body = html`<p>${texts.deadLinkLead}</p>`
      sendPage(res, { language, app, title: texts.deadLink, status: 400, body })
    }
  })
  return router
}

const wantsPage = (req: Request) => req.method === "HEAD" || req.accepts(["json", "html"]) === "html"
