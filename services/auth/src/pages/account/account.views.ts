import type { PasskeyOptions } from "../../modules/passkeys/index.js"
import { form } from "../forms.js"
import { type Html, html, join } from "../html.js"
import type { Texts } from "../texts/index.js"
import type { AccountTexts } from "./account.texts.js"

export interface Overview {
  email: string
  fault: string | undefined
  totp: { isOn: boolean; isPaused: boolean }
  recoveryCodesLeft: number
  passkeys: { id: string; name: string }[]
}

const button = (action: string, label: string): Html =>
  html`<form method="post" action="/account/${action}"><button class="quiet">${label}</button></form>`

export const overviewBody = (view: Overview, texts: Texts, own: AccountTexts): Html => html`
      <p class="who">${texts.signedInAs} <b>${view.email}</b></p>
      ${view.fault ? html`<p role="alert">${view.fault}</p>` : ""}
      <h2>${own.totp.title}</h2>
      ${
        view.totp.isOn
          ? html`<p>${view.totp.isPaused ? own.totp.paused : own.totp.on}</p>${button("totp/disable", own.totp.turnOff)}
      <h2>${own.recovery.title}</h2>
      <p>${own.recovery.left(view.recoveryCodesLeft)}</p>${button("recovery-codes", own.recovery.make)}`
          : html`<p>${own.totp.off}</p>${button("totp", own.totp.setUp)}`
      }
      <h2>${own.passkeys.title}</h2>
      ${view.passkeys.length === 0 ? html`<p>${own.passkeys.none}</p>` : join(view.passkeys.map((item) => passkey(item, own)))}
      ${button("passkeys/new", own.passkeys.add)}
      <form method="post" action="/account/sign-out"><button>${own.signOut}</button></form>`

const passkey = ({ id, name }: { id: string; name: string }, { passkeys: own }: AccountTexts): Html => html`
      <form method="post" action="/account/passkeys/${id}/rename">
        <label for="name-${id}">${own.name}</label>
        <input id="name-${id}" name="name" type="text" value="${name}" autocomplete="off" required>
        <button class="quiet">${own.rename} <span class="unseen">${name}</span></button>
      </form>
      <form method="post" action="/account/passkeys/${id}/delete">
        <button class="quiet">${own.remove} <span class="unseen">${name}</span></button>
      </form>`

export const signInBody = (
  view: { email: string; fault: string | undefined },
  texts: Texts,
): Html => html`${form({
  action: "/account/sign-in",
  button: texts.signIn,
  fault: view.fault,
  fields: [
    { name: "email", label: texts.email, type: "email", value: view.email, autocomplete: "username" },
    { name: "password", label: texts.password, type: "password", autocomplete: "current-password" },
  ],
})}
      ${button("passkey", texts.passkey.use)}
      <nav><a href="/forgot-password">${texts.forgot}</a></nav>`

export const setUpBody = (
  view: { secret: string; qrCode: string; fault?: string | undefined },
  own: AccountTexts,
): Html => html`<p>${own.totp.scan}</p>
      <p class="qr"><img src="${view.qrCode}" alt="${own.totp.image}"></p>
      <p>${own.totp.secret}</p><p class="code key">${(view.secret.match(/.{4}/g) ?? []).join(" ")}</p>${form({
        action: "/account/totp/confirm",
        fields: [{ name: "code", label: own.totp.code, type: "text", autocomplete: "one-time-code" }],
        button: own.totp.confirm,
        fault: view.fault,
      })}
      <nav><a href="/account">${own.back}</a></nav>`

export const recoveryBody = (codes: string[], own: AccountTexts): Html => html`<p>${own.recovery.lead}</p>
      <ul class="keys">${join(codes.map((code) => html`<li>${code}</li>`))}</ul>
      <nav><a href="/account">${own.back}</a></nav>`

/** A page whose script asks the browser for a passkey that there is, or for a new one. */
export const passkeyBody = (
  view: { action: string; lead: string; options: PasskeyOptions; isNew: boolean; challenge?: string },
  texts: Texts,
): Html => html`<p>${view.lead}</p>
      <p role="alert" id="fault" hidden>${texts.passkey.failed}</p>
      <noscript><p>${texts.passkey.noScript}</p></noscript>
      <form method="post" id="passkey" action="${view.action}" data-options="${JSON.stringify(view.options)}"
        ${view.isNew ? html`data-new="yes"` : ""}>
        <input type="hidden" name="credential">
        ${view.challenge ? html`<input type="hidden" name="challenge" value="${view.challenge}">` : ""}
        <button>${texts.passkey.again}</button>
      </form>
      <nav><a href="/account">${texts.passkey.otherWay}</a></nav>`

export const secondFactorBody = (
  view: { challenge: string; hasPasskey: boolean; isWrong: boolean },
  texts: Texts,
): Html => html`<p>${texts.secondFactor.lead}</p>${form({
  action: "/account/second-factor",
  hidden: { challenge: view.challenge, has_passkey: view.hasPasskey ? "yes" : "" },
  fields: [{ name: "code", label: texts.secondFactor.code, type: "text", autocomplete: "one-time-code" }],
  button: texts.next,
  fault: view.isWrong ? texts.secondFactor.wrong : undefined,
})}
      ${view.hasPasskey ? html`<form method="post" action="/account/second-factor/passkey"><input type="hidden" name="challenge" value="${view.challenge}"><button class="quiet">${texts.passkey.use}</button></form>` : ""}`
