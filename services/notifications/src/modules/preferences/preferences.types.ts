export type EmailMode = "instant" | "digest" | "off"
export type PushMode = "instant" | "off"

/** How somebody is reached about what has no row of its own. */
export const DEFAULT_CATEGORY = "*"
/** What happened to the account itself: the auth service sends these mails, and nothing silences the rest. */
export const SECURITY_CATEGORY = "security"

export interface Preference {
  category: string
  channel: "email" | "push"
  mode: EmailMode
}

/** How somebody wants to be reached. Times are `HH:MM` of their own clock. */
export interface Reach {
  timeZone: string
  quietHours: { from: string; until: string } | undefined
  digest: { every: "hour" | "day" | "week"; at: string }
}

export const DEFAULT_REACH: Reach = {
  timeZone: "UTC",
  quietHours: undefined,
  digest: { every: "day", at: "08:00" },
}

/** What holds for a category: its own row, else that of all, else the default. */
export function modesOf(preferences: readonly Preference[], category: string) {
  const modeOf = (channel: Preference["channel"]) =>
    [category, DEFAULT_CATEGORY]
      .map((name) => preferences.find((row) => row.category === name && row.channel === channel)?.mode)
      .find((mode) => mode !== undefined)
  const email: EmailMode = category === SECURITY_CATEGORY ? "off" : (modeOf("email") ?? "digest")
  const push: PushMode = modeOf("push") === "off" ? "off" : "instant"
  return { email, push }
}
