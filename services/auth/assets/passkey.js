// Asks the browser for the passkey that the form's options ask for, and sends what it says. Written out, since
// PublicKeyCredential.parseRequestOptionsFromJSON and toJSON are younger than passkeys.
"use strict"
;(() => {
  const form = document.getElementById("passkey")
  const fault = document.getElementById("fault")

  const toBytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0))
  const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "")

  const ask = async () => {
    fault.hidden = true
    try {
      const options = JSON.parse(form.dataset.options)
      const allowCredentials = (options.allowCredentials ?? []).map((item) => ({ ...item, id: toBytes(item.id) }))
      const { id, rawId, type, response } = await navigator.credentials.get({
        publicKey: { ...options, challenge: toBytes(options.challenge), allowCredentials },
      })
      const { clientDataJSON, authenticatorData, signature, userHandle } = response
      form.elements.credential.value = JSON.stringify({
        id,
        rawId: toText(rawId),
        type,
        response: {
          clientDataJSON: toText(clientDataJSON),
          authenticatorData: toText(authenticatorData),
          signature: toText(signature),
          userHandle: userHandle ? toText(userHandle) : null,
        },
        clientExtensionResults: {},
      })
      form.submit()
    } catch {
      fault.hidden = false
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault()
    void ask()
  })
  void ask()
})()
