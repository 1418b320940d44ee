import { languages } from "@gatepost/contracts"
import { contextOf } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import type { Logger } from "@gatepost/runtime"
import express, { type Request, type Response, Router } from "express"
import { z } from "zod"
import { contactsRepository } from "../modules/contacts/index.js"
import { DEFAULT_CATEGORY, type PreferencesService } from "../modules/preferences/index.js"
import { type Html, html } from "./html.js"
import { type Page, sendPage } from "./layout.js"
import { type Texts, texts } from "./texts.js"

export interface UnsubscribeParts {
  database: Database
  preferences: PreferencesService
  logger: Logger
}

const PATH = "/notifications/unsubscribe"

const LinkQuery = z.object({
  key: z.uuid(),
  category: z.string().regex(/^(\*|[a-z0-9][a-z0-9._-]{0,63})$/),
  app: z.string().max(100).default(""),
})

type Link = z.output<typeof LinkQuery>

/**
 * Behind the link that ends mails. Opening it changes nothing, since mail programs and scanners open links; one POST
 * does, from wherever and with whatever body it comes (RFC 8058 section 3.2), or the page's button.
 */
export function unsubscribePage({ database, preferences, logger }: UnsubscribeParts): Router {
  const router = Router({ caseSensitive: true, strict: true })

  router.get(PATH, async (req, res) => {
    const { link, page, words } = await lookUp(req, res)
    if (!link) return deadLink(res, page, words)
    const isAll = link.category === DEFAULT_CATEGORY
    const body = html`<p>${isAll ? words.leadAll(page.app?.name ?? "") : words.leadOne}</p>
      ${isAll ? "" : html`<p class="category">${link.category}</p>`}
      ${isAll ? "" : button(link, words.stopOne, "stop")}
      ${button({ ...link, category: DEFAULT_CATEGORY }, words.stopAll, "stop", !isAll)}
      <p class="small">${words.account}</p>`
    sendPage(res, { ...page, title: words.title(page.app?.name ?? ""), body })
  })

  router.post(PATH, express.urlencoded({ extended: false, limit: "4kb" }), async (req, res) => {
    const { link, userId, page, words } = await lookUp(req, res)
    if (!link || !userId) return deadLink(res, page, words)
    const isUndo = req.body?.what === "undo"
    const isChanged = await preferences.changeEmail(userId, link.category, isUndo ? "digest" : "off")
    if (!isChanged) return deadLink(res, page, words)
    const isAll = link.category === DEFAULT_CATEGORY
    const done = html`<p>${isAll ? words.doneAll : words.doneOne}</p>
      ${isAll ? "" : html`<p class="category">${link.category}</p>`}
      ${button(link, words.undo, "undo", true)}
      ${isAll ? "" : button({ ...link, category: DEFAULT_CATEGORY }, words.stopAll, "stop", true)}`
    const undone = html`<p>${words.undoneLead}</p>`
    sendPage(res, { ...page, title: isUndo ? words.undone : words.done, body: isUndo ? undone : done })
  })
  return router

  async function lookUp(req: Request, res: Response) {
    const { language = languages[0] } = contextOf(req, res, logger)
    const { data: link } = LinkQuery.safeParse(req.query)
    const userId = link && (await preferences.findByUnsubscribeKey(link.key))
    const sender = await contactsRepository(database.db).findMailSender(link?.app ?? "")
    return { link: userId && link, userId, words: texts[language], page: { language, app: sender } }
  }
}

const deadLink = (res: Response, page: Pick<Page, "language" | "app">, words: Texts): void =>
  sendPage(res, { ...page, status: 404, title: words.deadLink, body: html`<p>${words.deadLinkLead}</p>` })

function button(link: Link, label: string, what: "stop" | "undo", isSecond = false): Html {
  const action = `${PATH}?${new URLSearchParams({ ...link })}`
  return html`<form method="post" action="${action}">
        <input type="hidden" name="what" value="${what}">
        <button ${isSecond ? html`class="second"` : ""}>${label}</button>
      </form>`
}
