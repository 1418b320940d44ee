import type { Language, SecurityEvent } from "@gatepost/contracts"

/** What the event has to tell, if it does. */
export interface Circumstances {
  device: string | undefined
  ip: string | undefined
}

type Text = (about: Circumstances) => { title: string; body: string }

const en: Record<SecurityEvent, Text> = {
  "new-sign-in": ({ device, ip }) => ({
    title: "New sign-in to your account",
    body: `${device ?? "A new device"} signed in${ip ? ` from ${ip}` : ""}. If that wasn’t you, change your password now.`,
  }),
  "password-changed": () => ({
    title: "Your password was changed",
    body: "If that wasn’t you, choose “Forgot password” now: a new one signs everybody else out.",
  }),
  "recovery-code-used": ({ device }) => ({
    title: "A recovery code was used",
    body: `Somebody signed in with one of your recovery codes${device ? `, on ${device}` : ""}. It works no more. If that wasn’t you, change your password and make new codes.`,
  }),
  "second-factor-added": () => ({
    title: "A way to sign in was added",
    body: "Your account has a further proof at sign-in. If that wasn’t you, change your password now.",
  }),
  "second-factor-removed": () => ({
    title: "A way to sign in was removed",
    body: "Your account has lost a proof at sign-in. If that wasn’t you, change your password now.",
  }),
  "identity-linked": () => ({
    title: "An outside account was linked",
    body: "It can sign in to your account now. If that wasn’t you, unlink it and change your password.",
  }),
  "identity-unlinked": () => ({
    title: "An outside account was unlinked",
    body: "It can’t sign in to your account any more. If that wasn’t you, change your password now.",
  }),
}

const de: Record<SecurityEvent, Text> = {
  "new-sign-in": ({ device, ip }) => ({
    title: "Neue Anmeldung bei Ihrem Konto",
    body: `${device ?? "Ein neues Gerät"} hat sich angemeldet${ip ? `, von ${ip}` : ""}. Wenn Sie das nicht waren, ändern Sie jetzt Ihr Passwort.`,
  }),
  "password-changed": () => ({
    title: "Ihr Passwort wurde geändert",
    body: "Wenn Sie das nicht waren, wählen Sie jetzt „Passwort vergessen“: Ein neues meldet alle anderen ab.",
  }),
  "recovery-code-used": ({ device }) => ({
    title: "Ein Wiederherstellungscode wurde benutzt",
    body: `Jemand hat sich mit einem Ihrer Wiederherstellungscodes angemeldet${device ? `, mit ${device}` : ""}. Er gilt nicht mehr. Wenn Sie das nicht waren, ändern Sie Ihr Passwort und erstellen Sie neue Codes.`,
  }),
  "second-factor-added": () => ({
    title: "Ein Anmeldeweg kam hinzu",
    body: "Ihr Konto hat einen weiteren Nachweis bei der Anmeldung. Wenn Sie das nicht waren, ändern Sie jetzt Ihr Passwort.",
  }),
  "second-factor-removed": () => ({
    title: "Ein Anmeldeweg wurde entfernt",
    body: "Ihr Konto hat einen Nachweis bei der Anmeldung weniger. Wenn Sie das nicht waren, ändern Sie jetzt Ihr Passwort.",
  }),
  "identity-linked": () => ({
    title: "Ein fremdes Konto wurde verknüpft",
    body: "Es kann sich jetzt bei Ihrem Konto anmelden. Wenn Sie das nicht waren, lösen Sie es und ändern Sie Ihr Passwort.",
  }),
  "identity-unlinked": () => ({
    title: "Ein verknüpftes Konto wurde gelöst",
    body: "Es kann sich nicht mehr bei Ihrem Konto anmelden. Wenn Sie das nicht waren, ändern Sie jetzt Ihr Passwort.",
  }),
}

/** What a person reads of an event, in their language. */
export const securityTexts: Record<Language, Record<SecurityEvent, Text>> = { en, de }
