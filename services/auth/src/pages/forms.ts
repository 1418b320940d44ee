import { type Html, html, join } from "./html.js"

export interface Field {
  name: string
  label: string
  type: "text" | "email" | "password"
  value?: string | undefined
  autocomplete: string
  required?: boolean
  minLength?: number
  hint?: string
}

/** A form that works without JavaScript; a fault is announced to screen readers. */
export function form(options: {
  action?: string
  fields: Field[]
  /** What else it sends. */
  hidden?: Record<string, string>
  button: string
  /** In front of the button. */
  extra?: Html | undefined
  fault?: string | undefined
}): Html {
  const { fault } = options
  const hidden = Object.entries(options.hidden ?? {})
  // The field to go on with: what was typed well is there already.
  const first = Math.max(
    0,
    options.fields.findIndex(({ value }) => !value),
  )
  return html`${fault ? html`<p role="alert" id="fault">${fault}</p>` : ""}
      <form method="post" ${options.action ? html`action="${options.action}"` : ""}>
        ${join(hidden.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`))}
        ${join(options.fields.map((item, index) => field(item, index === first, fault !== undefined)))}
        ${options.extra ?? ""}
        <button>${options.button}</button>
      </form>`
}

function field(item: Field, isFirst: boolean, isFaulty: boolean): Html {
  const described = [item.hint ? `${item.name}-hint` : "", isFaulty ? "fault" : ""].filter(Boolean).join(" ")
  return html`<label for="${item.name}">${item.label}</label>
        <input id="${item.name}" name="${item.name}" type="${item.type}" value="${item.value ?? ""}"
          autocomplete="${item.autocomplete}" ${item.required === false ? "" : "required"}
          ${described ? html`aria-describedby="${described}"` : ""}
          ${item.minLength ? html`minlength="${String(item.minLength)}"` : ""} ${isFirst ? "autofocus" : ""}>
        ${item.hint ? html`<p class="hint" id="${item.name}-hint">${item.hint}</p>` : ""}`
}
