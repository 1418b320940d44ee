import type { LetterOf } from "../letter.js"
import { instant } from "./phrases.js"

export const sessionRevoked: LetterOf<"session-revoked"> = ({ app, revoked_at }) => ({
  subject: `Wir haben eine Anmeldung bei ${app.name} beendet`,
  heading: "Wir haben eine Ihrer Anmeldungen beendet",
  paragraphs: [
    `Am ${instant(revoked_at)} sah eine Anmeldung bei Ihrem Konto von ${app.name} so aus, als hätte jemand sie kopiert. Darum haben wir sie beendet.`,
    "Bitte melden Sie sich neu an. Ihre anderen Geräte bleiben angemeldet.",
    "Wenn Sie das überrascht, ändern Sie Ihr Passwort: Das meldet alle anderen ab.",
  ],
  notes: [],
})
