import { durationsIn, instantsIn, localTimesIn } from "../formats.js"
import type { Phrases } from "../letter.js"

export const duration = durationsIn("de")
export const instant = instantsIn("de-DE")
export const localTime = localTimesIn("de-DE")

export const phrases: Phrases = {
  greeting: (name) => (name ? `Hallo ${name},` : "Hallo,"),
  linkInstead: "Wenn der Knopf nicht geht, öffnen Sie diesen Link:",
  automatic: (appName) => `${appName} hat Ihnen diese Nachricht automatisch geschickt.`,
  unsubscribe: "Abbestellen",
}
