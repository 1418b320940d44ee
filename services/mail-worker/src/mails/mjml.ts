import escapeHtml from "escape-html"
import { Engine } from "mrml"

/** MJML whose texts stand beside it: no parser ever meets them, and equal shapes are compiled once. */
export interface Mjml {
  readonly source: string
  readonly texts: readonly string[]
}

// A character that no template has (Unicode's private use area).
const SLOT = "\ue000"

const engine = new Engine()
// By default it would load some fonts from elsewhere.
engine.setRenderOptions({ disableComments: false, socialIconOrigin: null, fonts: {} })

const compiled = new Map<string, string>()

/** A piece of MJML; whatever is put into it is text, unless it is such a piece itself. */
export function mjml(strings: TemplateStringsArray, ...values: (string | Mjml | readonly Mjml[])[]): Mjml {
  const pieces = values.map((value) =>
    typeof value === "string" ? { source: SLOT, texts: [value] } : join([value].flat()),
  )
  const source = String.raw({ raw: strings }, ...pieces.map((piece) => piece.source))
  return { source, texts: pieces.flatMap((piece) => piece.texts) }
}

/** The document, each text escaped in its place. Colours must be checked before: CSS knows other escapes. */
export function toHtml({ source, texts }: Mjml): string {
  const html = compiled.get(source) ?? compile(source)
  compiled.set(source, html)
  return html.replace(/\{\{(\d+)\}\}/g, (_slot, index) => escapeHtml(texts[index] ?? ""))
}

function compile(source: string): string {
  let index = 0
  const result = engine.toHtml(source.replaceAll(SLOT, () => `{{${index++}}}`))
  if (result.type === "error") throw new Error(`MJML: ${result.message}`)
  return result.content
}

const join = (pieces: readonly Mjml[]): Mjml => ({
  source: pieces.map(({ source }) => source).join(""),
  texts: pieces.flatMap(({ texts }) => texts),
})
