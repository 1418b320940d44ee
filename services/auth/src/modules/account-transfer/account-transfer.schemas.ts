import { z } from "zod"
import { DisplayName, Email } from "../accounts/index.js"
import { ImportedPasswordHash } from "../passwords/index.js"
import { ProfileValue } from "../profiles/index.js"

// As the column has it.
const LANGUAGE_TAG = /^[a-z]{2,8}(-[a-zA-Z0-9]{1,8}){0,4}$/
// What is safe in a URL's path, and in the services that find it in a token.
const FOREIGN_ID = /^(?!__)[\w-][\w.:|@+=/-]{0,127}$/
const DAY_MS = 86_400_000
const NIL_UUID = "00000000-0000-0000-0000-000000000000"

/** As JSON has it, as MySQL does, as PostgreSQL writes it in CSV. */
const Flag = z.union(
  [
    z.boolean(),
    z.literal([0, 1]).transform((digit) => digit === 1),
    z.stringbool({ truthy: ["true", "t", "1"], falsy: ["false", "f", "0"] }),
  ],
  "must be true or false",
)

/** By app, what it keeps of the person. */
const Profiles = z
  .record(z.string().regex(/^[!-~]{1,128}$/), z.record(z.string().min(1).max(100), ProfileValue), {
    error: "must be an object of apps, each with an object of members",
  })
  .refine(isStorable, "must not have NUL or half characters")

/** One person of a file; members that are null or empty count as absent. docs/operations/import-users.md has them. */
export const Person = z.object({
  email: Email,
  name: DisplayName.optional(),
  locale: z.string().regex(LANGUAGE_TAG, "must be a language tag, such as en or pt-BR").optional(),
  password_hash: ImportedPasswordHash.optional(),
  email_verified: Flag.default(false),
  is_active: Flag.default(true),
  created_at: z.iso
    .datetime({ offset: true, error: "must be a time with its offset, such as 2024-01-31T12:00:00Z" })
    .refine(isPlausible, "must be between 1970 and now")
    // PostgreSQL knows fewer offsets than ISO 8601.
    .refine((time) => !/[+-](1[6-9]|2\d):/.test(time), "must have an offset of less than 16 hours")
    .optional(),
  external_id: z
    .union([z.string(), z.int().transform(String)], "must be a text or a whole number")
    .pipe(z.string().regex(FOREIGN_ID, "must have up to 128 letters, digits and any of _-.:|@+=/"))
    .optional(),
  id: z
    .uuid("must be a UUID: a former backend's own id goes into external_id")
    .toLowerCase()
    .refine((id) => id !== NIL_UUID, "must not be the nil UUID")
    .optional(),
  profiles: Profiles.optional(),
})

export type Person = z.output<typeof Person>

function isPlausible(time: string): boolean {
  const at = Date.parse(time)
  return at >= 0 && at < Date.now() + DAY_MS
}

/** What PostgreSQL takes as jsonb. */
function isStorable(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed() && !value.includes("\0")
  return typeof value !== "object" || value === null || Object.entries(value).flat().every(isStorable)
}
