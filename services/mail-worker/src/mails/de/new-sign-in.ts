import type { LetterOf } from "../letter.js"
import { instant } from "./phrases.js"

export const newSignIn: LetterOf<"new-sign-in"> = ({ app, signed_in_at, device, ip }) => ({
  subject: `Eine neue Anmeldung bei Ihrem Konto von ${app.name}`,
  heading: "Eine neue Anmeldung",
  paragraphs: [
    `Am ${instant(signed_in_at)} hat sich jemand bei Ihrem Konto von ${app.name} angemeldet, von einem Ort, den wir noch nicht kennen: ${device}, ${ip}.`,
    "Wenn Sie das waren, ist nichts zu tun.",
    `Wenn nicht, öffnen Sie ${app.name} und wählen Sie jetzt „Passwort vergessen“: Ein neues Passwort meldet alle anderen ab.`,
  ],
  notes: [],
})
