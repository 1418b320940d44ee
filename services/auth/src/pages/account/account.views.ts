import type { PasskeyOptions } from "../../modules/passkeys/index.js"
import { form } from "../forms.js"
import { type Html, html, join } from "../html.js"
import { type Provider, providerLinks } from "../social.views.js"
import type { Texts } from "../texts/index.js"

const button = (action: string, label: string, hidden: Record<string, string>): Html =>
  html`<form method="post" action="/account/${action}">${join(Object.entries(hidden).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`))}<button class="quiet">${label}</button></form>`

export const signInBody = (
  view: { email: string; fault: string | undefined; back: string; providers: Provider[] },
  texts: Texts,
): Html => html`${form({
  action: "/account/sign-in",
  hidden: { back: view.back },
  button: texts.signIn,
  fault: view.fault,
  fields: [
    { name: "email", label: texts.email, type: "email", value: view.email, autocomplete: "username" },
    { name: "password", label: texts.password, type: "password", autocomplete: "current-password" },
  ],
})}
      ${providerLinks(view.providers, (id) => `/account/social/${id}?back=${view.back}`, texts)}
      ${button("passkey", texts.passkey.use, { back: view.back })}
      <nav>
        <a href="/account/by-mail?back=${view.back}">${texts.byMail}</a>
        <a href="/forgot-password">${texts.forgot}</a>
        <span>${texts.noAccount} <a href="/account/register">${texts.register}</a></span>
      </nav>`

/** A page whose script asks the browser for a passkey that there is, or for a new one. */
export const passkeyBody = (
  view: {
    action: string
    lead: string
    options: PasskeyOptions
    isNew: boolean
    challenge?: string
    back: string
  },
  texts: Texts,
): Html => html`<p>${view.lead}</p>
      <p role="alert" id="fault" hidden>${texts.passkey.failed}</p>
      <noscript><p>${texts.passkey.noScript}</p></noscript>
      <form method="post" id="passkey" action="${view.action}" data-options="${JSON.stringify(view.options)}"
        ${view.isNew ? html`data-new="yes"` : ""}>
        <input type="hidden" name="credential">
        ${view.challenge ? html`<input type="hidden" name="challenge" value="${view.challenge}">` : ""}
        <input type="hidden" name="back" value="${view.back}">
        <button>${texts.passkey.again}</button>
      </form>
      <nav><a href="${view.back}">${texts.passkey.otherWay}</a></nav>`

export const secondFactorBody = (
  view: { challenge: string; hasPasskey: boolean; isWrong: boolean; back: string },
  texts: Texts,
): Html => html`<p>${texts.secondFactor.lead}</p>${form({
  action: "/account/second-factor",
  hidden: { challenge: view.challenge, has_passkey: view.hasPasskey ? "yes" : "", back: view.back },
  fields: [{ name: "code", label: texts.secondFactor.code, type: "text", autocomplete: "one-time-code" }],
  button: texts.next,
  fault: view.isWrong ? texts.secondFactor.wrong : undefined,
})}
      ${view.hasPasskey ? button("second-factor/passkey", texts.passkey.use, { challenge: view.challenge, back: view.back }) : ""}`
