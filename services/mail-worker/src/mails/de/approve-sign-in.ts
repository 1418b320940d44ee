import type { LetterOf } from "../letter.js"
import { duration, instant } from "./phrases.js"

export const approveSignIn: LetterOf<"approve-sign-in"> = ({ app, tried_at, device, ip, ...mail }) => ({
  subject: `Waren Sie das? Eine Anmeldung bei ${app.name}`,
  heading: "Wollten Sie sich gerade anmelden?",
  paragraphs: [
    `Am ${instant(tried_at)} hat jemand das richtige Passwort Ihres Kontos von ${app.name} eingegeben, von einem Ort, den wir noch nicht kennen: ${device}, ${ip}.`,
    "Weil zuvor viele falsche Passwörter versucht wurden, haben wir niemanden hineingelassen.",
    "Wenn Sie das waren, erlauben Sie es, und melden Sie sich dort noch einmal an.",
  ],
  action: { label: "Das war ich", link: mail.link },
  notes: [
    `Der Link gilt ${duration(mail.expires_in_minutes)} und nur einmal.`,
    "Wenn Sie es nicht waren, kennt jemand Ihr Passwort: Wählen Sie jetzt ein anderes.",
  ],
})
