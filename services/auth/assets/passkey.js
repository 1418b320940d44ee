// Asks the browser for the passkey that the form's options ask for, or for a new one, and sends what it says. Written out,
// since PublicKeyCredential's JSON methods are younger than passkeys.
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
  const known = (items = []) => items.map((item) => ({ ...item, id: toBytes(item.id) }))

  const get = async (options) => {
    const { id, rawId, type, response } = await navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: toBytes(options.challenge),
        allowCredentials: known(options.allowCredentials),
      },
    })
    const { clientDataJSON, authenticatorData, signature, userHandle } = response
    const said = {
      clientDataJSON: toText(clientDataJSON),
      authenticatorData: toText(authenticatorData),
      signature: toText(signature),
      userHandle: userHandle ? toText(userHandle) : null,
    }
    return { id, rawId: toText(rawId), type, response: said, clientExtensionResults: {} }
  }

  const create = async (options) => {
    const { id, rawId, type, response } = await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: toBytes(options.challenge),
        user: { ...options.user, id: toBytes(options.user.id) },
        excludeCredentials: known(options.excludeCredentials),
      },
    })
    const said = {
      clientDataJSON: toText(response.clientDataJSON),
      attestationObject: toText(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    }
    return { id, rawId: toText(rawId), type, response: said, clientExtensionResults: {} }
  }

  const ask = async () => {
    fault.hidden = true
    try {
      const options = JSON.parse(form.dataset.options)
      form.elements.credential.value = JSON.stringify(await (form.dataset.new ? create : get)(options))
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
