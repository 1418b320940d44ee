import { type Scope, scopes } from "@gatepost/contracts"
import type { Problem } from "@gatepost/http"
import { type Field, form } from "./forms.js"
import { type Html, html, join } from "./html.js"
import { newPasswordField, passwordFault } from "./new-password.js"
import { type Provider, providerLinks } from "./social.views.js"
import type { Texts } from "./texts/index.js"

interface View {
  uid: string
  clientId: string
  texts: Texts
  email: string
  name: string
  fault: Problem | undefined
  minLength: number
  providers: Provider[]
}

export const signInBody = ({
  uid,
  clientId,
  texts,
  email,
  fault,
  minLength,
  providers,
}: View): Html => html`${form({
  action: `/interaction/${uid}/login`,
  button: texts.signIn,
  fault: fault && faultText(fault, texts, minLength),
  fields: [
    { name: "email", label: texts.email, type: "email", value: email, autocomplete: "username" },
    { name: "password", label: texts.password, type: "password", autocomplete: "current-password" },
  ],
})}
      ${providerLinks(providers, (id) => `/interaction/${uid}/social/${id}`, texts)}
      <form method="post" action="/interaction/${uid}/passkey"><button class="quiet">${texts.passkey.use}</button></form>
      <nav>
        <a href="/interaction/${uid}/sign-in-link">${texts.byMail}</a>
        <a href="/forgot-password?client_id=${clientId}">${texts.forgot}</a>
        <span>${texts.noAccount} <a href="/interaction/${uid}/register">${texts.register}</a></span>
      </nav>`

/** What somebody tells of themselves who gets an account. */
export const signUpFields = ({
  texts,
  email,
  name,
  minLength,
}: Pick<View, "texts" | "email" | "name" | "minLength">): Field[] => [
  { name: "email", label: texts.email, type: "email", value: email, autocomplete: "username" },
  { ...newPasswordField(texts.password, texts, minLength), name: "password" },
  { name: "name", label: texts.name, type: "text", value: name, autocomplete: "name", required: false },
]

export const signUpBody = ({
  uid,
  texts,
  email,
  name,
  fault,
  minLength,
  providers,
}: View): Html => html`${form({
  action: `/interaction/${uid}/register`,
  button: texts.register,
  fault: fault && faultText(fault, texts, minLength),
  fields: signUpFields({ texts, email, name, minLength }),
})}
      ${providerLinks(providers, (id) => `/interaction/${uid}/social/${id}`, texts)}
      <nav><span>${texts.haveAccount} <a href="/interaction/${uid}">${texts.signIn}</a></span></nav>`

export function consentBody(view: {
  uid: string
  texts: Texts
  name: string
  email: string
  scopes: string[]
  /** Whether those of our API are meant. */
  hasApi: boolean
}): Html {
  const { uid, texts, name, email, hasApi } = view
  const effective = view.scopes.filter((scope) => hasApi || !isOfApi(scope))
  // Every token for our API says who its person is (DESIGN.md D5).
  if (effective.some(isOfApi)) effective.push("email")
  const asked = [...new Set(effective)].flatMap((scope) => texts.scopes[scope] ?? [])
  return html`<p class="who">${texts.signedInAs} <b>${email}</b></p>
      <p>${texts.consentLead(name)}</p>
      <ul>${join((asked.length > 0 ? asked : [texts.consentNothing]).map((item) => html`<li>${item}</li>`))}</ul>
      <form method="post" action="/interaction/${uid}/consent"><button>${texts.allow}</button></form>
      <form method="post" action="/interaction/${uid}/abort"><button class="quiet">${texts.deny}</button></form>`
}

const isOfApi = (scope: string): scope is Scope => Object.hasOwn(scopes, scope)

/** What was wrong with a sign-in or sign-up. */
export function faultText(fault: Problem, texts: Texts, minLength: number): string {
  if (fault.code === "session.credentials-invalid") return texts.wrongCredentials
  if (fault.code === "mfa.challenge-invalid") return texts.secondFactor.expired
  if (fault.code === "passkey.invalid") return texts.passkey.wrong
  if (fault.code === "account.email-taken") return texts.emailTaken
  if (texts.socialFaults[fault.code]) return texts.socialFaults[fault.code] ?? ""
  if (fault.code === "request.invalid") {
    const pointer = fault.errors?.[0]?.pointer
    if (pointer === "/email") return texts.invalidEmail
    return pointer === "/name" ? texts.invalidName : passwordFault(fault, texts, minLength)
  }
  return texts.busy
}
