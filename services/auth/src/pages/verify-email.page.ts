import { contextOf, Problem } from "@gatepost/http"
import express, { type Request, Router } from "express"
import { html } from "./html.js"
import { sendPage } from "./layout.js"
import type { PageParts } from "./pages.js"
import { pickLanguage, textsOf } from "./texts/index.js"

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
    const { language, texts } = speech(req)
    sendPage(res, {
      language,
      title: texts.verifyTitle,
      body: html`<p>${texts.verifyLead}</p>
        <form method="post"><button>${texts.verify}</button></form>`,
    })
  })

  router.post(PATHS, express.urlencoded({ extended: false, limit: "1kb" }), async (req, res, next) => {
    if (!wantsPage(req)) return next()
    const { language, texts } = speech(req)
    try {
      await emailVerification.confirm(String(req.params.token), contextOf(req, res, logger))
      const body = html`<p>${texts.verifiedLead}</p>`
      sendPage(res, { language, isDone: true, title: texts.verified, body })
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      const body = html`<p>${texts.deadLinkLead}</p>`
      sendPage(res, { language, title: texts.deadLink, status: 400, body })
    }
  })
  return router
}

const wantsPage = (req: Request) => req.method === "HEAD" || req.accepts(["json", "html"]) === "html"

function speech(req: Request) {
  const language = pickLanguage(req.get("Accept-Language"))
  return { language, texts: textsOf(language) }
}
