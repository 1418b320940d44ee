/** Markup that is safe to put into a page as it stands. */
export interface Html {
  readonly markup: string
}

type Value = Html | string | number | readonly Html[]

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

/** Builds markup from a template; whatever is put into it is escaped, unless it is markup itself. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Html {
  return { markup: parts.map((part, index) => part + markupOf(values[index] ?? "")).join("") }
}

function markupOf(value: Value): string {
  if (typeof value === "object") {
    return "markup" in value ? value.markup : value.map((item) => item.markup).join("")
  }
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
