import escapeHtml from "escape-html"

/** HTML that is safe to send: made by `html` alone. */
export interface Html {
  readonly html: string
}

/** A template whose texts are escaped; only `Html` goes in as it is. */
export function html(strings: TemplateStringsArray, ...values: (string | Html | readonly Html[])[]): Html {
  const parts = values.map((value) => {
    if (typeof value === "string") return escapeHtml(value)
    return "html" in value ? value.html : value.map((piece) => piece.html).join("\n")
  })
  return { html: String.raw({ raw: strings }, ...parts) }
}
