import { evenly, Problem } from "@gatepost/http"
import { accountsRepository, Email } from "../../../modules/accounts/index.js"
import { form } from "../../forms.js"
import { type Html, html } from "../../html.js"
import type { PageParts } from "../../page-parts.js"
import { type AccountFrame, doneOf, faultText, notice } from "../account-frame.js"
import { fields } from "../account-visits.js"
import type { AccountTexts } from "../texts/index.js"

interface View {
  newEmail: string
  hasPassword: boolean
  fault: string | undefined
}

/** The address: whether it is proved, and another one in its place. */
export function emailSection(
  { database, emailChanges, emailVerification, sessions }: PageParts,
  frame: AccountFrame,
): void {
  const section = frame.section("email", async (visit, fault) => {
    const { id, email, emailVerified } = visit.session.account
    const hasPassword = await accountsRepository(database.db).hasPassword(id)
    frame.send(visit, (texts, own) => {
      const isSame = fields(visit.req).new_email.toLowerCase() === email
      const said = faultText(fault, texts, own, isSame ? own.email.same : texts.invalidEmail)
      const done = { resent: own.email.resent, changed: own.email.changed }[doneOf(visit)]
      const view = { newEmail: fields(visit.req).new_email, hasPassword, fault: said }
      return {
        status: fault?.status ?? 200,
        title: own.email.title,
        body: html`${notice({ done })}
      <p class="who"><b>${email}</b></p>
      ${emailVerified ? html`<p>${own.email.provedLead}</p>` : resend(own)}
      <h2>${own.email.changeTitle}</h2>
      ${hasPassword ? change(view, own) : html`<p><a href="/account/password">${own.email.needsPassword}</a></p>`}`,
      }
    })
  })

  section.form("/email/verify", { limit: "send-mail" }, async (visit) => {
    await emailVerification.request(visit.session.account.email, visit.context)
    section.done(visit, "resent")
  })

  section.form("/email", { limit: "send-mail" }, async (visit) => {
    const { account } = visit.session
    const { new_email, password } = fields(visit.req)
    const next = Email.safeParse(new_email)
    if (!next.success || next.data === account.email) throw new Problem("request.invalid")
    if (password === "") throw new Problem("password.current-wrong")
    await sessions.assertPassword(account, password, visit.context)
    await evenly(emailChanges.request(account.id, next.data, visit.context))
    section.done(visit, "changed")
  })
}

const resend = (own: AccountTexts): Html => html`<p>${own.email.unprovedLead}</p>
      <form method="post" action="/account/email/verify"><button class="quiet">${own.email.resend}</button></form>`

const change = ({ newEmail, fault }: View, own: AccountTexts): Html => html`<p>${own.email.changeLead}</p>
      ${form({
        action: "/account/email",
        fields: [
          { name: "new_email", label: own.email.next, type: "email", value: newEmail, autocomplete: "email" },
          { name: "password", label: own.password, type: "password", autocomplete: "current-password" },
        ],
        button: own.email.change,
        fault,
      })}`
