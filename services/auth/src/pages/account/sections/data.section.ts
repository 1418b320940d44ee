import { html } from "../../html.js"
import type { PageParts } from "../../page-parts.js"
import { type AccountFrame, faultText, notice } from "../account-frame.js"

/** A copy of all that is kept of somebody. */
export function dataSection({ exports }: PageParts, frame: AccountFrame): void {
  const section = frame.section("data", async (visit, fault) =>
    frame.send(visit, (texts, own) => ({
      status: fault?.status ?? 200,
      title: own.data.title,
      body: html`${notice({ fault: faultText(fault, texts, own) })}
      <p>${own.data.lead}</p>
      <form method="post" action="/account/data"><button>${own.data.download}</button></form>`,
    })),
  )

  section.form("/data", { limit: "lookup" }, async ({ caller, context, res, session }) => {
    const copy = await exports.exportOf(session.account, caller, context)
    res
      .set({ "Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="account.json"' })
      .type("json")
      .send(JSON.stringify(copy, undefined, 2))
  })
}
