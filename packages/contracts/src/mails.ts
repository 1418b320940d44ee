import { z } from "zod"

const app = z.object({
  name: z.string(),
  from: z.string(),
  color: z.string(),
})

/** Digits that do what the link does, typed into the app. */
const code = z.object({ digits: z.string().regex(/^\d{6}(\d{2})?$/), expires_in_minutes: z.int() }).optional()

const base = z.object({ app, greeting_name: z.string().optional() })

/**
 * Every mail there is and what its template gets. A link or a code is secret: a payload is stored
 * encrypted and never enters a queue.
 */
export const mailPayloads = {
  "verify-email": base.extend({ link: z.string(), expires_in_minutes: z.int(), code }),
  "reset-password": base.extend({ link: z.string(), expires_in_minutes: z.int(), code }),
  "password-changed": base.extend({ changed_at: z.iso.datetime() }),
  "confirm-new-email": base.extend({ link: z.string(), expires_in_minutes: z.int(), code }),
  "email-changed": base.extend({
    changed_at: z.iso.datetime(),
    link: z.string(),
    expires_in_minutes: z.int(),
  }),
  "session-revoked": base.extend({ revoked_at: z.iso.datetime() }),
} as const

export type MailKind = keyof typeof mailPayloads

export type MailPayload<Kind extends MailKind = MailKind> = z.infer<(typeof mailPayloads)[Kind]>

export const mailKinds = Object.keys(mailPayloads) as MailKind[]
