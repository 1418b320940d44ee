import type { Language } from "@gatepost/contracts"

/** Writes minutes as `24 hours`, `1 hour` or `90 minutes`. */
export function durationsIn(language: Language): (minutes: number) => string {
  const style = { style: "unit", unitDisplay: "long" } as const
  const inHours = new Intl.NumberFormat(language, { ...style, unit: "hour" })
  const inMinutes = new Intl.NumberFormat(language, { ...style, unit: "minute" })
  return (minutes) => (minutes % 60 === 0 ? inHours.format(minutes / 60) : inMinutes.format(minutes))
}

/** Writes an ISO 8601 time with its time zone: we don't know the reader's. */
export function instantsIn(region: "en-GB" | "de-DE"): (iso: string) => string {
  const format = new Intl.DateTimeFormat(region, { dateStyle: "long", timeStyle: "short", timeZone: "UTC" })
  return (iso) => `${format.format(new Date(iso))} UTC`
}

/** Writes a time as somebody in a time zone reads it; in UTC where the zone is not known here. */
export function localTimesIn(region: "en-GB" | "de-DE"): (iso: string, timeZone: string) => string {
  const style = { dateStyle: "medium", timeStyle: "short" } as const
  return (iso, timeZone) => {
    try {
      return new Intl.DateTimeFormat(region, { ...style, timeZone }).format(new Date(iso))
    } catch {
      return `${new Intl.DateTimeFormat(region, { ...style, timeZone: "UTC" }).format(new Date(iso))} UTC`
    }
  }
}
