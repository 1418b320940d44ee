import { z } from "zod"
import { modesOf, type Preference, type Reach } from "./preferences.types.js"

const localTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time such as 22:30")
  .meta({ description: "Of the person's own clock", examples: ["22:30"] })

const QuietHours = z
  .object({ from: localTime, until: localTime })
  .refine(({ from, until }) => from !== until, { path: ["until"], error: "must not be the same as from" })

const Digest = z.object({
  every: z.enum(["hour", "day", "week"], { error: "must be hour, day or week" }),
  at: localTime,
})

const emailMode = z.enum(["instant", "digest", "off"], { error: "must be instant, digest or off" })
const pushMode = z.enum(["instant", "off"], { error: "must be instant or off" })

export const MAX_CATEGORIES = 100

const categoryName = z
  .string()
  .regex(/^(\*|[a-z0-9][a-z0-9._-]{0,63})$/, "must be a category's name, or * for all others")

export const ChangePreferencesBody = z
  .object({
    time_zone: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .meta({ examples: ["Europe/Berlin"] }),
    quiet_hours: QuietHours.nullable().optional().meta({ description: "Null ends them" }),
    digest: Digest.optional(),
    categories: z
      .record(categoryName, z.object({ email: emailMode.optional(), push: pushMode.optional() }))
      .refine((categories) => Object.keys(categories).length <= MAX_CATEGORIES, "must not be so many")
      .optional()
      .meta({ description: "By name; `*` is for all that are not named" }),
  })
  .meta({ id: "ChangePreferences" })

export type ChangePreferences = z.output<typeof ChangePreferencesBody>

export const PreferencesView = z
  .object({
    time_zone: z.string(),
    quiet_hours: z.object({ from: z.string(), until: z.string() }).nullable(),
    digest: z.object({ every: z.enum(["hour", "day", "week"]), at: z.string() }),
    categories: z.record(z.string(), z.object({ email: emailMode, push: pushMode })),
  })
  .meta({ id: "Preferences" })

export function toPreferencesView(
  reach: Reach,
  preferences: readonly Preference[],
): z.input<typeof PreferencesView> {
  const names = new Set(["*", "security", ...preferences.map(({ category }) => category)])
  return {
    time_zone: reach.timeZone,
    quiet_hours: reach.quietHours ?? null,
    digest: reach.digest,
    categories: Object.fromEntries([...names].map((name) => [name, modesOf(preferences, name)])),
  }
}
