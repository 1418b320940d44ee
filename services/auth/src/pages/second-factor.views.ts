import type { PasskeyOptions } from "../modules/passkeys/index.js"
import { form } from "./forms.js"
import { type Html, html } from "./html.js"
import type { Texts } from "./texts/index.js"

export const secondFactorBody = (view: {
  uid: string
  texts: Texts
  challenge: string
  hasPasskey: boolean
  isWrong: boolean
}): Html => {
  const { uid, texts, challenge, hasPasskey, isWrong } = view
  const action = `/interaction/${uid}/second-factor`
  const hidden = { challenge, has_passkey: hasPasskey ? "yes" : "" }
  return html`<p>${texts.secondFactor.lead}</p>${form({
    action,
    hidden,
    fields: [{ name: "code", label: texts.secondFactor.code, type: "text", autocomplete: "one-time-code" }],
    extra: html`<label class="check"><input type="checkbox" name="remember" value="yes"> ${texts.secondFactor.remember}</label>`,
    button: texts.next,
    fault: isWrong ? texts.secondFactor.wrong : undefined,
  })}
      ${hasPasskey ? html`<form method="post" action="${action}/passkey"><input type="hidden" name="challenge" value="${challenge}"><button class="quiet">${texts.passkey.use}</button></form>` : ""}`
}

/** A page whose script asks the browser for a passkey, and sends what it says. */
export const passkeyBody = (view: {
  uid: string
  texts: Texts
  /** Under the interaction. */
  action: string
  challenge?: string
  options: PasskeyOptions
}): Html => {
  const { uid, texts, action, challenge, options } = view
  return html`<p>${texts.passkey.lead}</p>
      <p role="alert" id="fault" hidden>${texts.passkey.failed}</p>
      <noscript><p>${texts.passkey.noScript}</p></noscript>
      <form method="post" id="passkey" action="/interaction/${uid}${action}" data-options="${JSON.stringify(options)}">
        <input type="hidden" name="credential">
        ${challenge ? html`<input type="hidden" name="challenge" value="${challenge}">` : ""}
        <button>${texts.passkey.again}</button>
      </form>
      <nav><a href="/interaction/${uid}">${texts.passkey.otherWay}</a></nav>`
}
