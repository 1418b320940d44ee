import type { LetterOf } from "../letter.js"

export const notification: LetterOf<"notification"> = ({ app, title, body, link }) => ({
  subject: `${title} · ${app.name}`,
  heading: title,
  paragraphs: body.split(/\n+/),
  ...(link && { action: { label: `${app.name} öffnen`, link } }),
  notes: [`Sie erhalten diese E-Mail, weil ${app.name} Ihnen Mitteilungen per E-Mail schickt.`],
})
