import { type Html, html } from "./html.js"

export interface Field {
  name: string
  label: string
  type: "text" | "email" | "password"
  value?: string
  autocomplete: string
  required?: boolean
  minLength?: number
}

/** A form that works without JavaScript; a fault is announced to screen readers. */
export function form(options: {
  action?: string
  fields: Field[]
  button: string
  fault?: string | undefined
}): Html {
  const inputs = options.fields.map((item, index) => field(item, index === 0))
  return html`${options.fault ? html`<p role="alert">${options.fault}</p>` : ""}
      <form method="post" ${options.action ? html`action="${options.action}"` : ""}>
        ${{ html: inputs.map((input) => input.html).join("\n        ") }}
        <button>${options.button}</button>
      </form>`
}

const field = (item: Field, first: boolean) => html`<label for="${item.name}">${item.label}</label>
        <input id="${item.name}" name="${item.name}" type="${item.type}" value="${item.value ?? ""}"
          autocomplete="${item.autocomplete}" ${item.required === false ? "" : "required"}
          ${item.minLength ? html`minlength="${String(item.minLength)}"` : ""} ${first ? "autofocus" : ""}>`
