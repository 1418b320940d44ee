import type { Problem } from "@gatepost/http"
import { form } from "./forms.js"
import { type Html, html } from "./html.js"
import type { Texts } from "./texts.js"

interface View {
  uid: string
  texts: Texts
  email: string
  fault: Problem | undefined
  minLength: number
}

export const signInBody = ({ uid, texts, email, fault, minLength }: View): Html => html`${form({
  action: `/interaction/${uid}/login`,
  button: texts.signIn,
  fault: fault && faultText(fault, texts, minLength),
  fields: [
    { name: "email", label: texts.email, type: "email", value: email, autocomplete: "username" },
    { name: "password", label: texts.password, type: "password", autocomplete: "current-password" },
  ],
})}
      <nav>
        <a href="/forgot-password">${texts.forgot}</a>
        <span>${texts.noAccount} <a href="/interaction/${uid}/register">${texts.register}</a></span>
      </nav>`

export const signUpBody = ({ uid, texts, email, fault, minLength }: View): Html => html`${form({
  action: `/interaction/${uid}/register`,
  button: texts.register,
  fault: fault && faultText(fault, texts, minLength),
  fields: [
    { name: "email", label: texts.email, type: "email", value: email, autocomplete: "username" },
    { name: "password", label: texts.password, type: "password", autocomplete: "new-password", minLength },
    { name: "name", label: texts.name, type: "text", autocomplete: "name", required: false },
  ],
})}
      <nav><span>${texts.haveAccount} <a href="/interaction/${uid}">${texts.signIn}</a></span></nav>`

export function consentBody(view: {
  uid: string
  texts: Texts
  name: string
  email: string
  scopes: string[]
}): Html {
  const { uid, texts, name, email, scopes } = view
  const asked = scopes.flatMap((scope) => texts.scopes[scope] ?? [])
  const items = (asked.length > 0 ? asked : [texts.consentNothing]).map((item) => html`<li>${item}</li>`.html)
  return html`<p>${texts.consentLead(name, email)}</p>
      <ul>${{ html: items.join("") }}</ul>
      <form method="post" action="/interaction/${uid}/consent"><button autofocus>${texts.allow}</button></form>
      <form method="post" action="/interaction/${uid}/abort"><button class="quiet">${texts.deny}</button></form>`
}

function faultText(fault: Problem, texts: Texts, minLength: number): string {
  if (fault.code === "session.credentials-invalid") return texts.wrongCredentials
  if (fault.code === "account.email-taken") return texts.emailTaken
  if (fault.code === "request.invalid") {
    const isEmail = fault.errors?.some(({ pointer }) => pointer === "/email")
    return isEmail ? texts.invalidEmail : texts.invalidPassword(minLength)
  }
  return texts.busy
}
