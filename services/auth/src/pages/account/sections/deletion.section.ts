import { Problem } from "@gatepost/http"
import { html } from "../../html.js"
import type { PageParts } from "../../page-parts.js"
import type { AccountCookie } from "../account-cookie.js"
import { type AccountFrame, faultText, notice } from "../account-frame.js"
import { fields } from "../account-visits.js"

const DAY_SECONDS = 86_400

/** Leaving for good: at once, or after the days in which a mail's link brings the account back. */
export function deletionSection(
  { config, departures }: PageParts,
  frame: AccountFrame,
  cookie: AccountCookie,
): void {
  const delayDays = Math.ceil(config.ACCOUNT_DELETION_DELAY / DAY_SECONDS)

  const section = frame.section("delete", async (visit, fault) =>
    frame.send(visit, (texts, own) => ({
      status: fault?.status ?? 200,
      title: own.deletion.title,
      body: html`${notice({ fault: faultText(fault, texts, own, own.deletion.unsure) })}
      <p class="who"><b>${visit.session.account.email}</b></p>
      <p>${delayDays > 0 ? own.deletion.delayed(delayDays) : own.deletion.lead}</p>
      <p><a href="/account/data">${own.deletion.copyFirst}</a></p>
      <form method="post" action="/account/delete">
        <label class="check"><input type="checkbox" name="sure" value="yes" required> ${own.deletion.sure}</label>
        <button class="danger">${own.deletion.button}</button>
      </form>`,
    })),
  )

  section.form("/delete", { isFresh: true, limit: "sign-in" }, async (visit) => {
    if (fields(visit.req).sure !== "yes") throw new Problem("request.invalid")
    const deletesAt = await departures.leave(visit.caller, undefined, visit.context)
    cookie.clear(visit.res)
    frame.send(visit, (_texts, { deletion: own }) => ({
      isDone: true,
      isWide: false,
      back: undefined,
      title: deletesAt ? own.scheduled : own.done,
      body: html`<p>${deletesAt ? own.scheduledLead(deletesAt) : own.doneLead}</p>`,
    }))
  })
}
