import { Problem } from "@gatepost/http"
import { deviceOf } from "../../../modules/sessions/index.js"
import { type Html, html, join } from "../../html.js"
import type { PageParts } from "../../page-parts.js"
import { minuteOf } from "../../texts/minute.js"
import type { AccountFrame } from "../account-frame.js"
import type { Visit } from "../account-visits.js"
import type { AccountTexts } from "../texts/index.js"

type Happening = Awaited<ReturnType<PageParts["audit"]["listOwn"]>>["items"][number]

const PAGE_LENGTH = 20

/** What happened to the account, as the audit trail has it. */
export function activitySection({ audit }: PageParts, frame: AccountFrame): void {
  frame.section("activity", async (visit) => {
    const { items, next_cursor } = await pageOf(visit)
    frame.send(visit, (_texts, own) => ({
      title: own.activity.title,
      body: html`<p>${own.activity.lead}</p>
      <ul class="rows">${join(items.map((item) => row(item, own)))}</ul>
      ${more(next_cursor, visit, own)}`,
    }))
  })

  async function pageOf({ caller, req }: Visit) {
    const { cursor } = req.query
    const page = { limit: PAGE_LENGTH, ...(typeof cursor === "string" && { cursor }) }
    try {
      return await audit.listOwn(caller, page)
    } catch (error) {
      // Whoever changed the address starts over.
      if (!(error instanceof Problem) || error.code !== "request.invalid") throw error
      return audit.listOwn(caller, { limit: PAGE_LENGTH })
    }
  }
}

function more(cursor: string | null, { req }: Visit, { activity: own }: AccountTexts): Html {
  const links = [
    ...(cursor ? [html`<a href="/account/activity?cursor=${cursor}">${own.older}</a>`] : []),
    ...(req.query.cursor ? [html`<a href="/account/activity">${own.newest}</a>`] : []),
  ]
  return links.length > 0 ? html`<nav>${join(links)}</nav>` : html``
}

function row({ at, event, ip, user_agent }: Happening, own: AccountTexts): Html {
  const place = [user_agent && deviceOf(user_agent), ip].filter(Boolean).join(" · ")
  return html`<li>
          <p><b>${own.events[event] ?? event}</b><span>${minuteOf(own.tag, new Date(at))}</span>${place ? html`<span>${place}</span>` : ""}</p>
        </li>`
}
