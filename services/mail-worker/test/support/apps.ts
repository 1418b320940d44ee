import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { MailApp } from "@gatepost/contracts"

const EXAMPLE = fileURLToPath(new URL("../../../auth/apps.example.json", import.meta.url))

export interface ExampleApp extends MailApp {
  id: string
  links: Record<"verify_email" | "reset_password", string>
}

interface Entry {
  client_id: string
  client_name: string
  mail_from: string
  colors: { primary: string }
  link_templates: ExampleApp["links"]
}

/** The apps of a file as APPS_FILE names it, as mails know them. */
export const readApps = (file = EXAMPLE): ExampleApp[] =>
  (JSON.parse(readFileSync(file, "utf8")) as Entry[]).map((app) => ({
    id: app.client_id,
    name: app.client_name,
    from: app.mail_from,
    color: app.colors.primary,
    links: app.link_templates,
  }))
