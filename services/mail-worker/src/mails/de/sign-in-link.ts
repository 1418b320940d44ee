import type { LetterOf } from "../letter.js"
import { duration } from "./phrases.js"

export const signInLink: LetterOf<"sign-in-link"> = ({ app, link, code, expires_in_minutes }) => ({
  subject: `Bei ${app.name} anmelden`,
  heading: `Bei ${app.name} anmelden`,
  paragraphs: ["Öffnen Sie diesen Link auf dem Gerät und in dem Browser, wo Sie darum gebeten haben."],
  action: { label: "Anmelden", link },
  code: code && {
    lead: "Oder geben Sie dort diesen Code ein. Verraten Sie ihn niemandem: Von uns fragt keiner danach.",
    digits: code.digits,
  },
  notes: [
    `Link und Code gelten ${duration(expires_in_minutes)}.`,
    "Wenn Sie nicht darum gebeten haben, können Sie diese E-Mail ignorieren: Ohne sie meldet sich niemand an.",
  ],
})
