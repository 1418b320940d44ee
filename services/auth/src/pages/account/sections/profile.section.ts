import { Problem } from "@gatepost/http"
import { DisplayName } from "../../../modules/accounts/index.js"
import { form } from "../../forms.js"
import { html } from "../../html.js"
import type { PageParts } from "../../page-parts.js"
import { type AccountFrame, doneOf, faultText, notice } from "../account-frame.js"
import { fields } from "../account-visits.js"

/** What somebody is called. */
export function profileSection({ profiles }: PageParts, frame: AccountFrame): void {
  const section = frame.section("profile", async (visit, fault) => {
    const value = fault ? fields(visit.req).name : visit.session.account.name
    frame.send(visit, (texts, own) => ({
      status: fault?.status ?? 200,
      title: own.profile.title,
      body: html`${notice({ done: doneOf(visit) && own.profile.saved })}
      ${form({
        action: "/account/profile",
        fields: [{ name: "name", label: own.profile.label, type: "text", value, autocomplete: "name" }],
        button: own.profile.save,
        fault: faultText(fault, texts, own),
      })}`,
    }))
  })

  section.form("/profile", {}, async (visit) => {
    const name = DisplayName.safeParse(fields(visit.req).name)
    if (!name.success) throw new Problem("request.invalid")
    const { session, caller, context } = visit
    await profiles.change(session.account, caller.clientId, { name: name.data }, context)
    section.done(visit)
  })
}
