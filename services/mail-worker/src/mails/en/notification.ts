import type { LetterOf } from "../letter.js"

/** An app tells its user something, at once. */
export const notification: LetterOf<"notification"> = ({ app, title, body, link }) => ({
  subject: `${title} · ${app.name}`,
  heading: title,
  paragraphs: body.split(/\n+/),
  ...(link && { action: { label: `Open ${app.name}`, link } }),
  notes: [`You get this email because ${app.name} sends you its notifications by email.`],
})
