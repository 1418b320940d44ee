import { z } from "zod"

const app = z.object({
  name: z.string(),
  /** A bare address. */
  from: z.string(),
  /** `#rrggbb` */
  color: z.string(),
})

/** Digits that do what the link does, typed into the app; how many is CONTRACTS.md's to say. */
const code = (digits: RegExp) =>
  z.object({ digits: z.string().regex(digits), expires_in_minutes: z.int() }).optional()

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/

const base = z.object({
  app,
  greeting_name: z.string().optional(),
  /** For the lane `bulk`. RFC 8058: one POST to it ends such mails, without a further question. http: on loopback alone. */
  unsubscribe_url: z
    .url({ protocol: /^https?$/ })
    .refine((url) => url.startsWith("https:") || LOOPBACK.test(new URL(url).hostname), "must be https")
    .optional(),
})

/** What a notification says; written by an app, so nothing in it is ours. */
const notice = z.object({
  title: z.string(),
  body: z.string(),
  created_at: z.iso.datetime(),
  /** Where to read on: a page, or a deep link of the app. */
  link: z.string().optional(),
})

const link = z.object({ link: z.string(), expires_in_minutes: z.int() })

/** What can happen to the ways in which somebody proves who they are, besides the password. */
export const secondFactorChanges = [
  "totp-enabled",
  "totp-disabled",
  "recovery-codes-replaced",
  "recovery-code-used",
  "passkey-added",
  "passkey-deleted",
] as const

export type SecondFactorChange = (typeof secondFactorChanges)[number]

/** From where somebody came. */
const place = z.object({ device: z.string().max(100), ip: z.string().max(45) })

/**
 * Every mail there is and what its template gets. A link or a code is secret: a payload is stored
 * encrypted and never enters a queue.
 */
export const mailPayloads = {
  "verify-email": base.extend({ ...link.shape, code: code(/^\d{6}$/) }),
  "reset-password": base.extend({ ...link.shape, code: code(/^\d{6}(\d{2})?$/) }),
  "password-changed": base.extend({ changed_at: z.iso.datetime() }),
  "confirm-new-email": base.extend({ ...link.shape, code: code(/^\d{6}$/) }),
  "email-changed": base.extend({ ...link.shape, changed_at: z.iso.datetime() }),
  "session-revoked": base.extend({ revoked_at: z.iso.datetime() }),
  "new-sign-in": base.extend({ ...place.shape, signed_in_at: z.iso.datetime() }),
  "approve-sign-in": base.extend({ ...link.shape, ...place.shape, tried_at: z.iso.datetime() }),
  "account-deletion": base.extend({ ...link.shape, deletes_at: z.iso.datetime() }),
  "account-deleted": base.extend({ deleted_at: z.iso.datetime() }),
  notification: base.extend(notice.shape),
  "notification-digest": base.extend({
    notices: z.array(notice).min(1),
    /** How many there are beside these. */
    more: z.int().nonnegative(),
    /** An IANA name: the reader's. */
    time_zone: z.string(),
  }),
  "sign-in-link": base.extend({ ...link.shape, code: code(/^\d{8}$/) }),
  /** `method` as people know it, such as Google. */
  "sign-in-method-changed": base.extend({
    method: z.string(),
    change: z.enum(["added", "removed"]),
    changed_at: z.iso.datetime(),
  }),
  "second-factor-changed": base.extend({
    change: z.enum(secondFactorChanges),
    changed_at: z.iso.datetime(),
  }),
  "second-factor-failed": base.extend({ failed_at: z.iso.datetime(), is_paused: z.boolean() }),
} as const

export type MailKind = keyof typeof mailPayloads

export type MailPayload<Kind extends MailKind = MailKind> = z.infer<(typeof mailPayloads)[Kind]>

export type MailNotice = z.infer<typeof notice>

export type MailApp = z.infer<typeof app>

export type MailCode = NonNullable<z.infer<ReturnType<typeof code>>>

export const mailKinds = Object.keys(mailPayloads) as MailKind[]
