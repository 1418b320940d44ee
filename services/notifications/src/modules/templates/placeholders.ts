import type { Template, Variables } from "./templates.types.js"

const PLACEHOLDER = /\{\{\s*([a-z][a-z0-9_]{0,39})\s*\}\}/g

/** The names that a template's texts ask for, each once. */
export function variablesOf({ title, body }: Pick<Template, "title" | "body">): string[] {
  return [...new Set([...`${title} ${body}`.matchAll(PLACEHOLDER)].map(([, name = ""]) => name))]
}

/** In one pass: what a variable says is never read as a placeholder again. */
export const fillIn = (text: string, variables: Variables): string =>
  text.replaceAll(PLACEHOLDER, (_, name: string) => String(variables[name]))
