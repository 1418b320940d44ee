import type { SecondFactorChange } from "@gatepost/contracts"
import type { LetterOf } from "../letter.js"
import { instant } from "./phrases.js"

const said: Record<SecondFactorChange, { heading: string; what: string }> = {
  "totp-enabled": {
    heading: "Codes aus einer App sind an",
    what: "Die Anmeldung fragt jetzt nach einem Code aus Ihrer Authenticator-App. Eingeschaltet wurde das",
  },
  "totp-disabled": {
    heading: "Codes aus einer App sind aus",
    what: "Die Anmeldung fragt nicht mehr nach einem Code aus Ihrer Authenticator-App. Ausgeschaltet wurde das",
  },
  "recovery-codes-replaced": {
    heading: "Es gibt neue Wiederherstellungscodes",
    what: "Die alten Wiederherstellungscodes gelten nicht mehr. Neue gibt es seit der Änderung",
  },
  "recovery-code-used": {
    heading: "Ein Wiederherstellungscode wurde benutzt",
    what: "Jemand hat sich mit einem Ihrer Wiederherstellungscodes angemeldet, der jetzt nicht mehr gilt. Das war",
  },
  "passkey-added": {
    heading: "Ein Passkey ist dazugekommen",
    what: "Ein neuer Passkey meldet sich dort an. Er kam dazu",
  },
  "passkey-deleted": {
    heading: "Ein Passkey wurde gelöscht",
    what: "Einer der Passkeys gilt dort nicht mehr. Gelöscht wurde er",
  },
}

export const secondFactorChanged: LetterOf<"second-factor-changed"> = ({ app, change, changed_at }) => ({
  subject: `${said[change].heading}: Ihr Konto bei ${app.name}`,
  heading: said[change].heading,
  paragraphs: [
    `Es geht um Ihr Konto bei ${app.name}. ${said[change].what} am ${instant(changed_at)}.`,
    "Wenn Sie das waren, ist nichts zu tun.",
    `Wenn nicht, öffnen Sie ${app.name} und wählen Sie gleich „Passwort vergessen“: Ein neues Passwort meldet alle anderen ab.`,
  ],
  notes: [],
})
