import type { Language } from "@gatepost/contracts"
import { contextOf, type RequestContext } from "@gatepost/http"
import type { Request, Response } from "express"
import type { App, Apps } from "../modules/apps/index.js"
import type { PageParts } from "./page-parts.js"
import { pickLanguage, type Texts, textsOf } from "./texts/index.js"

/** The language of a page that a link led to. */
export function speechOf(req: Request): { language: Language; texts: Texts } {
  const language = pickLanguage(req.get("Accept-Language"))
  return { language, texts: textsOf(language) }
}

/** The app that a link to a page names (`client_id`), for its name and colours and the mails it leads to. */
export function appOf(req: Request, apps: Apps): App | undefined {
  const { client_id } = req.query
  return typeof client_id === "string" ? apps.find(client_id) : undefined
}

/** What a use-case may know of a form's request: it comes from the app of its page. */
export function pageContextOf(
  req: Request,
  res: Response,
  { apps, logger }: Pick<PageParts, "apps" | "logger">,
): RequestContext {
  const app = appOf(req, apps)
  return { ...contextOf(req, res, logger), ...(app && { clientId: app.client_id }) }
}
