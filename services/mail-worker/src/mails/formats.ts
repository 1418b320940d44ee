import type { Language } from "@gatepost/contracts"

/** `24 hours`, `1 hour`, `90 minutes` */
export function formatDuration(language: Language, minutes: number): string {
  const [value, unit] = minutes % 60 === 0 ? [minutes / 60, "hour"] : [minutes, "minute"]
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(value)
}

/** A point in time, with its time zone: we don't know the reader's. */
export function formatInstant(region: "en-GB" | "de-DE", iso: string): string {
  const format = new Intl.DateTimeFormat(region, { dateStyle: "long", timeStyle: "short", timeZone: "UTC" })
  return `${format.format(new Date(iso))} UTC`
}
