import { type MailKind, type MailPayload, mailKinds } from "@gatepost/contracts"
import type { MailContent } from "@gatepost/mail-queue"
import type { ExampleApp } from "./apps.js"

const TOKEN = "kZ3vN8qT1yWx5bR0mJ7cL2hFdP4sUaE9gXoQ6iVtB1w"
const PLACE = { device: "Firefox on Linux", ip: "203.0.113.7" }
const PUBLIC_URL = "http://localhost:8000"

/** What each kind says; a new one is missing here until it has its sample. */
const samples: { [Kind in MailKind]: (app: ExampleApp) => Omit<MailPayload<Kind>, "app"> } = {
  "verify-email": ({ id, links }) => ({
    greeting_name: "Ada",
    link: linkOf(links.verify_email, id),
    code: { digits: "482913", expires_in_minutes: 10 },
    expires_in_minutes: 1_440,
  }),
  "reset-password": ({ id, links }) => ({
    greeting_name: "Ada",
    link: linkOf(links.reset_password, id),
    code: { digits: "50382916", expires_in_minutes: 10 },
    expires_in_minutes: 60,
  }),
  "confirm-new-email": ({ id, links }) => ({
    greeting_name: "Ada",
    link: linkOf(links.confirm_new_email, id),
    code: { digits: "730518", expires_in_minutes: 10 },
    expires_in_minutes: 60,
  }),
  "sign-in-link": ({ id }) => ({
    greeting_name: "Ada",
    link: linkOf("{public_url}/sign-in-link?client_id={client_id}&token={token}", id),
    code: { digits: "61829405", expires_in_minutes: 10 },
    expires_in_minutes: 10,
  }),
  "email-changed": ({ id, links }) => ({
    greeting_name: "Ada",
    changed_at: "2026-11-21T02:23:00Z",
    link: linkOf(links.undo_email_change, id),
    expires_in_minutes: 4_320,
  }),
  "password-changed": () => ({ greeting_name: "Ada", changed_at: "2026-11-21T02:23:00Z" }),
  "session-revoked": () => ({ greeting_name: "Ada", revoked_at: "2026-11-21T02:23:00Z" }),
  "new-sign-in": () => ({ greeting_name: "Ada", ...PLACE, signed_in_at: "2026-11-21T02:23:00Z" }),
  "approve-sign-in": ({ id, links }) => ({
    greeting_name: "Ada",
    ...PLACE,
    tried_at: "2026-11-21T02:23:00Z",
    link: linkOf(links.approve_sign_in, id),
    expires_in_minutes: 60,
  }),
  "account-deletion": ({ id, links }) => ({
    greeting_name: "Ada",
    deletes_at: "2026-11-21T02:23:00Z",
    link: linkOf(links.keep_account, id),
    expires_in_minutes: 4_320,
  }),
  "account-deleted": () => ({ greeting_name: "Ada", deleted_at: "2026-11-21T02:23:00Z" }),
  notification: () => ({
    greeting_name: "Ada",
    title: "You have a match",
    body: "Grace would like to talk with you about the job you liked yesterday.",
    created_at: "2026-11-21T02:23:00Z",
    link: "https://app.example/matches/4711",
  }),
  "notification-digest": () => ({
    greeting_name: "Ada",
    notices: [
      {
        title: "You have a match",
        body: "Grace would like to talk with you about the job you liked yesterday.",
        created_at: "2026-11-21T02:23:00Z",
        link: "https://app.example/matches/4711",
      },
      { title: "Alan wrote to you", body: "See you on Monday!", created_at: "2026-11-21T05:02:00Z" },
    ],
    more: 3,
    time_zone: "Europe/Berlin",
  }),
  "sign-in-method-changed": () => ({
    greeting_name: "Ada",
    method: "Google",
    change: "added",
    changed_at: "2026-11-21T02:23:00Z",
  }),
  "second-factor-changed": () => ({
    greeting_name: "Ada",
    change: "totp-disabled",
    changed_at: "2026-11-21T02:23:00Z",
  }),
  "second-factor-failed": () => ({
    greeting_name: "Ada",
    failed_at: "2026-11-21T02:23:00Z",
    is_paused: true,
  }),
}

export interface Sample {
  name: string
  content: MailContent
}

/** Every mail of an app, as full as it can be, and what differs without its code. */
export function samplesOf(app: ExampleApp): Sample[] {
  const { name, from, color } = app
  return mailKinds.flatMap((kind) => {
    const payload = { ...samples[kind](app), app: { name, from, color } }
    const content = { kind, payload } as MailContent
    if (!("code" in payload)) return [{ name: kind, content }]
    const { code: _code, ...codeless } = payload
    return [
      { name: kind, content: { kind, payload: codeless } as MailContent },
      { name: `${kind} with a code`, content },
    ]
  })
}

const linkOf = (template: string, id: string) =>
  template.replace("{public_url}", PUBLIC_URL).replace("{client_id}", id).replace("{token}", TOKEN)
