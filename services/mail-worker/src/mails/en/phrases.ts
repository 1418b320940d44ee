import { formatDuration, formatInstant } from "../formats.js"
import type { Phrases } from "../letter.js"

export const duration = (minutes: number) => formatDuration("en", minutes)
export const instant = (iso: string) => formatInstant("en-GB", iso)

export const phrases: Phrases = {
  greeting: (name) => (name ? `Hello ${name},` : "Hello,"),
  linkInstead: "If the button doesn’t work, open this link:",
  automatic: (appName) => `${appName} sent you this message automatically.`,
  unsubscribe: "Unsubscribe",
}
