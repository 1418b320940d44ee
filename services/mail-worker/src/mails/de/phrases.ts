import { formatDuration, formatInstant } from "../formats.js"
import type { Phrases } from "../letter.js"

export const duration = (minutes: number) => formatDuration("de", minutes)
export const instant = (iso: string) => formatInstant("de-DE", iso)

export const phrases: Phrases = {
  greeting: (name) => (name ? `Hallo ${name},` : "Hallo,"),
  linkInstead: "Wenn der Knopf nicht geht, öffnen Sie diesen Link:",
  automatic: (appName) => `${appName} hat Ihnen diese Nachricht automatisch geschickt.`,
  unsubscribe: "Abbestellen",
}
