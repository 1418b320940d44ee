import { Problem } from "@gatepost/http"
import { accountsRepository } from "../../../modules/accounts/index.js"
import { newPassword, PresentedPassword } from "../../../modules/passwords/index.js"
import { form } from "../../forms.js"
import { html } from "../../html.js"
import { newPasswordField, passwordFault } from "../../new-password.js"
import type { PageParts } from "../../page-parts.js"
import type { AccountCookie } from "../account-cookie.js"
import { type AccountFrame, doneOf, faultText, notice } from "../account-frame.js"
import { fields, type Visit } from "../account-visits.js"

/** The password: another one in its place, or the way to a first one. */
export function passwordSection(
  { database, passwordChanges, passwordReset }: PageParts,
  frame: AccountFrame,
  { cookie, minLength }: { cookie: AccountCookie; minLength: number },
): void {
  const section = frame.section("password", async (visit, fault) => {
    const hasPassword = await accountsRepository(database.db).hasPassword(visit.session.account.id)
    if (hasPassword) showChange(visit, fault)
    else showNone(visit, fault)
  })

  section.form("/password", { limit: "sign-in" }, async (visit) => {
    const { current_password, new_password } = fields(visit.req)
    const next = newPassword(minLength).safeParse(new_password)
    if (!PresentedPassword.safeParse(current_password).success) throw new Problem("password.current-wrong")
    if (!next.success) throw new Problem("request.invalid")
    if (current_password.normalize("NFKC") === next.data.normalize("NFKC"))
      throw new Problem("request.invalid", { errors: [{ pointer: "/new_password", message: SAME }] })
    const change = { current: current_password, next: next.data, signIn: visit.session }
    const own = { ...visit.context, clientId: visit.caller.clientId }
    cookie.write(visit.res, (await passwordChanges.change(visit.session.account, change, own)).accessToken)
    section.done(visit, "changed")
  })

  section.form("/password/link", { limit: "send-mail" }, async (visit) => {
    await passwordReset.request(visit.session.account.email, visit.context)
    section.done(visit, "sent")
  })

  function showChange(visit: Visit, fault: Problem | undefined): void {
    frame.send(visit, (texts, own) => {
      const isSame = fault?.errors?.some(({ message }) => message === SAME)
      const invalid = isSame ? own.passwords.same : fault && passwordFault(fault, texts, minLength)
      return {
        status: fault?.status ?? 200,
        title: own.passwords.title,
        body: html`${notice({ done: doneOf(visit) && own.passwords.changed })}
      <p>${own.passwords.lead}</p>
      ${form({
        action: "/account/password",
        fields: [
          {
            name: "current_password",
            label: own.passwords.current,
            type: "password",
            autocomplete: "current-password",
          },
          newPasswordField(texts.newPassword, texts, minLength),
        ],
        button: own.passwords.save,
        fault: faultText(fault, texts, own, invalid),
      })}
      <nav><a href="/forgot-password">${texts.forgot}</a></nav>`,
      }
    })
  }

  function showNone(visit: Visit, fault: Problem | undefined): void {
    frame.send(visit, (texts, own) => ({
      status: fault?.status ?? 200,
      title: own.passwords.title,
      body: html`${notice({ fault: faultText(fault, texts, own), done: doneOf(visit) && own.passwords.sent })}
      <p>${own.passwords.noneLead}</p>
      <form method="post" action="/account/password/link"><button>${own.passwords.send}</button></form>`,
    }))
  }
}

const SAME = "must differ from the current one"
