import { form } from "../../forms.js"
import { type Html, html, join } from "../../html.js"
import type { AccountTexts } from "../texts/index.js"

export interface FactorsView {
  totp: { isOn: boolean; isPaused: boolean }
  recoveryCodesLeft: number
  passkeys: { id: string; name: string }[]
}

const button = (action: string, label: string): Html =>
  html`<form method="post" action="/account/${action}"><button class="quiet">${label}</button></form>`

export const factorsBody = (view: FactorsView, own: AccountTexts): Html => html`
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
      ${button("passkeys/new", own.passkeys.add)}`

const passkey = ({ id, name }: { id: string; name: string }, { passkeys: own }: AccountTexts): Html => html`
      <div class="passkey">
        <form method="post" action="/account/passkeys/${id}/rename">
          <label for="name-${id}">${own.name}</label>
          <input id="name-${id}" name="name" type="text" value="${name}" autocomplete="off" required>
          <button class="quiet">${own.rename} <span class="unseen">${name}</span></button>
        </form>
        <form method="post" action="/account/passkeys/${id}/delete">
          <button class="quiet">${own.remove} <span class="unseen">${name}</span></button>
        </form>
      </div>`

export const setUpBody = (
  view: { secret: string; qrCode: string },
  own: AccountTexts,
): Html => html`<p>${own.totp.scan}</p>
      <p class="qr"><img src="${view.qrCode}" alt="${own.totp.image}"></p>
      <p>${own.totp.secret}</p><p class="code key">${(view.secret.match(/.{4}/g) ?? []).join(" ")}</p>${form({
        action: "/account/totp/confirm",
        fields: [{ name: "code", label: own.totp.code, type: "text", autocomplete: "one-time-code" }],
        button: own.totp.confirm,
      })}`

export const recoveryBody = (codes: string[], own: AccountTexts): Html => html`<p>${own.recovery.lead}</p>
      <ul class="keys">${join(codes.map((code) => html`<li>${code}</li>`))}</ul>
      <nav><a href="/account/factors">${own.factors.title}</a></nav>`
