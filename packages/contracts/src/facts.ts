import { z } from "zod"

/**
 * What happened to an account that its person should hear of. Append-only: two versions of the services run side
 * by side, and one that does not know a kind passes over it.
 */
export const securityEvents = [
  "new-sign-in",
  "password-changed",
  "recovery-code-used",
  "second-factor-added",
  "second-factor-removed",
  "identity-linked",
  "identity-unlinked",
] as const

export type SecurityEvent = (typeof securityEvents)[number]

const app = z.object({
  client_id: z.string(),
  name: z.string(),
  /** A bare address: who its mails are from. */
  mail_from: z.string(),
  /** `#rrggbb` */
  color: z.string(),
  is_default: z.boolean(),
})

/** Of facts about the same thing the one with the highest version holds, in whatever order they come. */
const version = z.int().nonnegative()

/**
 * What the auth service tells the notifications API, since neither reads the other's schema (DESIGN.md D16): of the
 * apps, of the people, and of what happened to them. Each may come more than once.
 */
export const Fact = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("apps"), version, apps: z.array(app).min(1).max(1_000) }),
  z.object({
    kind: z.literal("contact"),
    version,
    user_id: z.uuid(),
    email: z.string().max(254),
    email_verified: z.boolean(),
    name: z.string().nullable(),
    /** A language tag. */
    locale: z.string().nullable(),
    /** Who is suspended gets nothing. */
    is_active: z.boolean(),
  }),
  z.object({ kind: z.literal("account-deleted"), version, user_id: z.uuid() }),
  z.object({
    kind: z.literal("security-event"),
    /** Of this fact, however often it is told. */
    id: z.uuid(),
    user_id: z.uuid(),
    event: z.string().max(64),
    at: z.iso.datetime(),
    client_id: z.string().nullable(),
    /** The device as its owner knows it. */
    device: z.string().max(200).nullable(),
    ip: z.string().max(64).nullable(),
  }),
])

export type Fact = z.infer<typeof Fact>

export const MAX_FACTS = 100
