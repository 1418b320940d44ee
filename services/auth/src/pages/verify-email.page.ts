import { dialects, Problem } from "@gatepost/http"
import express, { type Request, Router } from "express"
import { html } from "./html.js"
import { sendPage } from "./layout.js"
import type { PageParts } from "./page-parts.js"
import { appOf, pageContextOf, speechOf } from "./speech.js"

const PATHS = dialects.map(({ prefix }) => `${prefix}/auth/verify-email/:token`)

/**
 * What a verification link shows in a browser. Opening it changes nothing, since mail scanners open
 * links; the button does (check 49). API clients go on to the JSON call at the same path.
 */
export function verifyEmailPage({
  apps,
  emailVerification,
  logger,
  ownership,
}: Pick<PageParts, "apps" | "emailVerification" | "logger" | "ownership">): Router {
  const router = Router({ caseSensitive: true, strict: true })

  router.get(PATHS, async (req, res, next) => {
    if (!wantsPage(req)) return next()
    const { language, texts } = speechOf(req)
    const app = appOf(req, apps)
    const maker = await ownership.findMaker(String(req.params.token))
    sendPage(res, {
      language,
      app,
      title: texts.verifyTitle,
      body: html`<p>${texts.verifyLead}</p>
        <form method="post"><button>${texts.verify}</button></form>
        <p class="or"><span>${texts.or}</span></p>
        <p>${maker ? texts.madeBy(maker.at, maker.device) : ""} ${texts.notMeLead}</p>
        <form method="post"><button class="quiet" name="not_me" value="yes">${texts.notMe}</button></form>`,
    })
  })

  router.post(PATHS, express.urlencoded({ extended: false, limit: "1kb" }), async (req, res, next) => {
    if (!wantsPage(req)) return next()
    const { language, texts } = speechOf(req)
    const app = appOf(req, apps)
    const token = String(req.params.token)
    const context = pageContextOf(req, res, { apps, logger })
    try {
      if (req.body?.not_me === "yes") {
        await ownership.claimByLink(token, context)
        const body = html`<p>${texts.claimedLead}</p>`
        return sendPage(res, { language, app, isDone: true, title: texts.claimed, body })
      }
      await emailVerification.confirm(token, context)
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
