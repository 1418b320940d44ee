import type { LetterOf } from "../letter.js"
import { instant } from "./phrases.js"

export const secondFactorFailed: LetterOf<"second-factor-failed"> = ({ app, failed_at, is_paused }) => ({
  subject: `Falsche Codes bei einer Anmeldung bei ${app.name}`,
  heading: "Jemand hat falsche Codes eingegeben",
  paragraphs: [
    `Am ${instant(failed_at)} kannte jemand das Passwort Ihres Kontos bei ${app.name}, aber nicht den Code, der danach kommt.`,
    ...(is_paused
      ? [
          "Das waren so viele Versuche, dass kein Code aus Ihrer Authenticator-App mehr angenommen wird, bis Sie sich mit einem Wiederherstellungscode oder einem Passkey anmelden.",
        ]
      : []),
    "Wenn Sie das waren, ist nichts zu tun.",
    `Wenn nicht, kennt jemand Ihr Passwort: Öffnen Sie ${app.name} und wählen Sie gleich „Passwort vergessen“.`,
  ],
  notes: [],
})
