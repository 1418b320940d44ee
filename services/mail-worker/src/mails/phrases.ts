import type { Language } from "./languages.js"

/** What every mail says, in one language. */
export interface Phrases {
  greeting(name: string | undefined): string
  /** What to do with the code of a mail that has one. */
  code(code: { digits: string; expires_in_minutes: number } | undefined): string[]
  /** `24 hours`, `1 hour`, `30 minutes` */
  duration(minutes: number): string
  /** A point in time, with its time zone: we don't know the reader's. */
  instant(iso: string): string
  linkInstead: string
  automatic(appName: string): string
}

export const phrases: Record<Language, Phrases> = {
  en: {
    greeting: (name) => (name ? `Hello ${name},` : "Hello,"),
    code: (code) =>
      code
        ? [
            `Or type this code into the app: ${code.digits}. It expires in ${formatDuration("en", code.expires_in_minutes)}.`,
          ]
        : [],
    duration: (minutes) => formatDuration("en", minutes),
    instant: (iso) => formatInstant("en-GB", iso),
    linkInstead: "If the button doesn’t work, open this link:",
    automatic: (appName) => `${appName} sent you this message automatically.`,
  },
}

function formatDuration(language: string, minutes: number): string {
  const [value, unit] = minutes % 60 === 0 ? [minutes / 60, "hour"] : [minutes, "minute"]
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(value)
}

function formatInstant(language: string, iso: string): string {
  const format = new Intl.DateTimeFormat(language, {
    dateStyle: "long",
    timeStyle: "short",
    timeZone: "UTC",
  })
  return `${format.format(new Date(iso))} UTC`
}
