import { z } from "zod"
import type { Account } from "./accounts.types.js"
import { isGuest, isGuestEmail } from "./guests.js"

// RFC 5321's dot-atoms in ASCII without percent routing, a domain with a dot, and no nested
// repetition, so that matching stays linear (checks 22, 25 and 27).
const ATOM = "[A-Za-z0-9!#$&'*+/=?^_`{|}~-]+"
const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
const EMAIL = new RegExp(
  `^(?=[^@]{1,64}@)${ATOM}(?:\\.${ATOM})*@(?:${LABEL}\\.)+(?:[A-Za-z]{2,63}|xn--[A-Za-z0-9-]{1,59})$`,
)

/** An address as it comes in: trimmed, checked as ASCII, and only then lower-cased into its canonical form. */
export const Email = z
  .string()
  .trim()
  .max(254, "must have at most 254 characters")
  .regex(EMAIL, "must be an email address")
  .refine((text) => !isGuestEmail(text.toLowerCase()), "must be an email address")
  .toLowerCase()
  .meta({ id: "Email", example: "kim@example.com" })

// Check 30: nothing that turns the reading direction, hides, or looks like a link in a greeting. Persian
// names and emoji need the joiners U+200C and U+200D between what is visible.
const UNFIT_IN_NAMES = /[\p{Cc}\p{Co}\p{Cn}]|(?![\u200c\u200d])\p{Cf}|:\/\/|www\./u
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u

/** What somebody calls themselves or their device, and others are shown. */
export const DisplayName = z
  .string()
  .normalize("NFC")
  .trim()
  .min(1, "must not be empty")
  .refine((text) => [...text].length <= 100, "must have at most 100 characters")
  .refine(
    (text) => VISIBLE.test(text) && !UNFIT_IN_NAMES.test(text),
    "must not have invisible characters or links",
  )

export const User = z
  .object({
    id: z.uuid(),
    email: z.string(),
    name: z.string().optional(),
    is_active: z.boolean(),
    email_verified: z.boolean(),
    is_guest: z.boolean().optional().meta({ description: "True where `email` is a stand-in, of no mailbox" }),
    created_at: z.iso.datetime(),
  })
  .meta({ id: "User" })

export const toUserView = (account: Account): z.input<typeof User> => ({
  id: account.id,
  email: account.email,
  ...(account.name && { name: account.name }),
  is_active: account.isActive,
  email_verified: account.emailVerified,
  ...(isGuest(account) && { is_guest: true }),
  created_at: account.createdAt.toISOString(),
})
