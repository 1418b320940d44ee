import { Problem, type RequestContext } from "@gatepost/http"
import express, { type Request, Router } from "express"
import { form } from "./forms.js"
import { html } from "./html.js"
import { sendPage } from "./layout.js"
import type { PageParts } from "./page-parts.js"
import { appOf, pageContextOf, speechOf } from "./speech.js"

interface LinkPage {
  path: string
  words: "confirmNewEmail" | "undoEmailChange" | "approveSignIn" | "keepAccount"
  /** @throws Problem where the link is good no more */
  act(token: string, context: RequestContext): Promise<void>
}

type Parts = Pick<PageParts, "apps" | "emailChanges" | "departures" | "logger" | "signInGuard">

/** Behind the links of mails that ask for one click. Opening one changes nothing: its button does (check 49). */
export function emailChangePages({ apps, departures, emailChanges, logger, signInGuard }: Parts): Router {
  const router = Router({ caseSensitive: true, strict: true })
  const read = express.urlencoded({ extended: false, limit: "4kb" })
  const pages: LinkPage[] = [
    { path: "/confirm-email", words: "confirmNewEmail", act: emailChanges.confirmByLink },
    { path: "/undo-email-change", words: "undoEmailChange", act: emailChanges.undo },
    { path: "/approve-sign-in", words: "approveSignIn", act: signInGuard.approve },
    { path: "/keep-account", words: "keepAccount", act: departures.keep },
  ]
  const clothes = (req: Request) => ({ language: speechOf(req).language, app: appOf(req, apps) })

  for (const { path, words, act } of pages) {
    router.get(path, (req, res) => {
      const { title, lead, button } = speechOf(req).texts[words]
      const { app, language } = clothes(req)
      const action = `${path}${app ? `?client_id=${app.client_id}` : ""}`
      const hidden = { token: String(req.query.token ?? "") }
      const body = html`<p>${lead}</p>${form({ action, hidden, fields: [], button })}`
      sendPage(res, { app, language, title, body })
    })

    router.post(path, read, async (req, res) => {
      const { texts } = speechOf(req)
      const { app, language } = clothes(req)
      try {
        await act(String(req.body?.token ?? ""), pageContextOf(req, res, { apps, logger }))
        const { done, doneLead } = texts[words]
        sendPage(res, { app, language, isDone: true, title: done, body: html`<p>${doneLead}</p>` })
      } catch (error) {
        if (!(error instanceof Problem) || error.status >= 500) throw error
        const body = html`<p>${texts.deadLinkLead}</p>`
        sendPage(res, { app, language, title: texts.deadLink, status: 400, body })
      }
    })
  }
  return router
}
