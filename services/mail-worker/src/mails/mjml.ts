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
  let source = ""
  const texts: string[] = []
  const add = (piece: Mjml) => {
    source += piece.source
    texts.push(...piece.texts)
  }
  strings.forEach((part, index) => {
    source += part
    const value = values[index] ?? []
    if (typeof value === "string") add({ source: SLOT, texts: [value] })
    else if ("source" in value) add(value)
    else value.forEach(add)
  })
  return { source, texts }
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
