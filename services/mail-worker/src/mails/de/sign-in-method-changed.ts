import type { LetterOf } from "../letter.js"
import { oneLine } from "../user-text.js"
import { instant } from "./phrases.js"

export const signInMethodChanged: LetterOf<"sign-in-method-changed"> = ({
  app,
  method,
  change,
  changed_at,
}) => {
  const name = oneLine(method)
  const isAdded = change === "added"
  return {
    subject: isAdded
      ? `${name} meldet jetzt bei ${app.name} an`
      : `${name} meldet nicht mehr bei ${app.name} an`,
    heading: isAdded
      ? `Anmelden mit ${name} ist jetzt möglich`
      : `Anmelden mit ${name} ist nicht mehr möglich`,
    paragraphs: [
      isAdded
        ? `Seit ${instant(changed_at)} meldet ${name} bei Ihrem Konto von ${app.name} an.`
        : `Seit ${instant(changed_at)} meldet ${name} bei Ihrem Konto von ${app.name} nicht mehr an.`,
      "Wenn Sie das waren, ist nichts zu tun.",
      "Wenn nicht, setzen Sie sofort Ihr Passwort zurück: Das meldet alle ab. Sehen Sie dann nach, womit Sie sich anmelden.",
    ],
    notes: [],
  }
}
