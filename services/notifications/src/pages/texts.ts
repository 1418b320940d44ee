import type { Language } from "@gatepost/contracts"

const en = {
  title: (app: string) => `Emails from ${app}`,
  leadOne: "Do you want no more emails about this?",
  leadAll: (app: string) => `Do you want no more notifications of ${app} by email?`,
  stopOne: "Stop these emails",
  stopAll: "Stop all notifications by email",
  done: "You are unsubscribed",
  doneOne: "You get no more emails about this. It still waits for you in the app.",
  doneAll: "You get no more notifications by email. They still wait for you in the app.",
  account: "What concerns your account itself, such as a new password, is always mailed.",
  undo: "Undo",
  undone: "You are subscribed again",
  undoneLead: "You get these emails again. You can close this page.",
  deadLink: "This link no longer works",
  deadLinkLead: "Its account may be gone. In the app you can choose what you get by email.",
}

export type Texts = typeof en

const de: Texts = {
  title: (app) => `E-Mails von ${app}`,
  leadOne: "Möchten Sie darüber keine E-Mails mehr erhalten?",
  leadAll: (app) => `Möchten Sie keine Mitteilungen von ${app} mehr per E-Mail erhalten?`,
  stopOne: "Diese E-Mails abbestellen",
  stopAll: "Alle Mitteilungen per E-Mail abbestellen",
  done: "Abbestellt",
  doneOne: "Darüber erhalten Sie keine E-Mails mehr. In der App wartet es weiter auf Sie.",
  doneAll: "Sie erhalten keine Mitteilungen mehr per E-Mail. In der App warten sie weiter auf Sie.",
  account: "Was Ihr Konto selbst betrifft, etwa ein neues Passwort, wird immer gemailt.",
  undo: "Rückgängig machen",
  undone: "Wieder bestellt",
  undoneLead: "Sie erhalten diese E-Mails wieder. Sie können diese Seite schließen.",
  deadLink: "Dieser Link gilt nicht mehr",
  deadLinkLead:
    "Vielleicht gibt es sein Konto nicht mehr. In der App können Sie wählen, was Sie per E-Mail erhalten.",
}

export const texts: Record<Language, Texts> = { en, de }
