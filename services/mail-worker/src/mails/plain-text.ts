import type { Page } from "./layout.js"

// RFC 5322 section 2.1.1; a link stays whole, whatever its length.
const LINE_LENGTH = 78

/** A mail for whoever reads plain text; says the same as the page. */
export function plainText({ phrases, app, greeting, letter, unsubscribeUrl }: Page): string {
  const { heading, paragraphs, notices = [], action, code, notes } = letter
  const footer = [wrap(phrases.automatic(app.name))]
  if (unsubscribeUrl) footer.push(`${phrases.unsubscribe}:`, unsubscribeUrl)

  const parts = [heading, greeting, ...paragraphs].map(wrap)
  for (const { title, body, time, link } of notices) {
    const lines = [title, body, time].map((text) => wrap(text.replace(/\s+/g, " ")))
    parts.push([...lines, ...(link ? [link] : [])].join("\n"))
  }
  if (action) parts.push(`${action.label}:\n${action.link}`)
  if (code) parts.push(wrap(code.lead), code.digits)
  parts.push(...notes.map(wrap), `-- \n${footer.join("\n")}`)
  return `${parts.join("\n\n")}\n`
}

function wrap(text: string): string {
  const [first = "", ...words] = text.split(" ")
  let wrapped = first
  let length = first.length
  for (const word of words) {
    const fits = length + 1 + word.length <= LINE_LENGTH
    wrapped += `${fits ? " " : "\n"}${word}`
    length = word.length + (fits ? length + 1 : 0)
  }
  return wrapped
}
