import { Problem } from "@gatepost/http"
import { isUuid } from "@gatepost/runtime"
import type { z } from "zod"
import { type SessionList, toSessionView } from "../../../modules/sessions/index.js"
import { type Html, html, join } from "../../html.js"
import type { PageParts } from "../../page-parts.js"
import { type AccountFrame, doneOf, faultText, notice } from "../account-frame.js"
import type { AccountTexts } from "../texts/index.js"

type SessionView = z.input<typeof SessionList>["items"][number]

/** Where somebody is signed in, and the end of it. */
export function sessionsSection({ apps, sessions }: PageParts, frame: AccountFrame): void {
  const section = frame.section("sessions", async (visit, fault) => {
    const { caller } = visit
    const views = (await sessions.list(caller)).map((session) => toSessionView(session, { apps, caller }))
    const items = views.toSorted((a, b) => Number(b.is_current) - Number(a.is_current))
    frame.send(visit, (texts, own) => {
      const done = { ended: own.sessions.ended, others: own.sessions.endedOthers }[doneOf(visit)]
      return {
        status: fault?.status ?? 200,
        title: own.sessions.title,
        body: html`${notice({ fault: faultText(fault, texts, own), done })}
      <p>${own.sessions.lead}</p>
      <ul class="rows">${join(items.map((item) => row(item, own)))}</ul>
      ${items.length > 1 ? html`<form method="post" action="/account/sessions/others/end"><button>${own.sessions.endOthers}</button></form>` : ""}`,
      }
    })
  })

  section.form("/sessions/others/end", {}, async (visit) => {
    await sessions.endMany(visit.caller, "others", visit.context)
    section.done(visit, "others")
  })

  section.form("/sessions/:id/end", {}, async (visit) => {
    const { id } = visit.req.params
    if (typeof id !== "string" || !isUuid(id)) throw new Problem("session.not-found")
    await sessions.endOne(visit.caller, id, visit.context)
    section.done(visit, "ended")
  })
}

function row(
  { id, app, device, ip, last_used_at, is_current }: SessionView,
  { sessions: own }: AccountTexts,
): Html {
  const place = [app.name, ip].filter(Boolean).join(" · ")
  return html`<li>
          <p><b>${device}</b><span>${place}</span><span>${own.used(new Date(last_used_at))}</span></p>
          ${
            is_current
              ? html`<span class="badge">${own.current}</span>`
              : html`<form method="post" action="/account/sessions/${id}/end"><button class="quiet">${own.end} <span class="unseen">${device}, ${place}</span></button></form>`
          }
        </li>`
}
