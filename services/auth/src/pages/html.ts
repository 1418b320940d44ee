import escapeHtml from "escape-html"

/** HTML that is safe to send: made by `html` alone. */
export interface Html {
  readonly html: string
}

/** A template whose texts are escaped; only `Html` goes in as it is. */
export function html(strings: TemplateStringsArray, ...values: (string | Html)[]): Html {
  const parts = values.map((value) => (typeof value === "string" ? escapeHtml(value) : value.html))
  return { html: String.raw({ raw: strings }, ...parts) }
}

/** Pieces one after the other. */
export const join = (pieces: Html[]): Html => ({ html: pieces.map((piece) => piece.html).join("\n        ") })
