import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { MailApp } from "@gatepost/contracts"

const EXAMPLE = fileURLToPath(new URL("../../../auth/apps.example.json", import.meta.url))

// Gatepost's own pages, where an app names none of its own.
const PAGES = {
  confirm_new_email: "{public_url}/confirm-email?client_id={client_id}&token={token}",
  undo_email_change: "{public_url}/undo-email-change?client_id={client_id}&token={token}",
  approve_sign_in: "{public_url}/approve-sign-in?client_id={client_id}&token={token}",
  keep_account: "{public_url}/keep-account?client_id={client_id}&token={token}",
}

export interface ExampleApp extends MailApp {
  id: string
  links: Record<"verify_email" | "reset_password" | keyof typeof PAGES, string>
}

interface Entry {
  client_id: string
  client_name: string
  mail_from: string
  colors: { primary: string }
  link_templates: Omit<ExampleApp["links"], keyof typeof PAGES> & Partial<typeof PAGES>
}

/** The apps of a file as APPS_FILE names it, as mails know them. */
export const readApps = (file = EXAMPLE): ExampleApp[] =>
  (JSON.parse(readFileSync(file, "utf8")) as Entry[]).map((app) => ({
    id: app.client_id,
    name: app.client_name,
    from: app.mail_from,
    color: app.colors.primary,
    links: { ...PAGES, ...app.link_templates },
  }))
