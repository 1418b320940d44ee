import { durationsIn, instantsIn, localTimesIn } from "../formats.js"
import type { Phrases } from "../letter.js"

export const duration = durationsIn("en")
export const instant = instantsIn("en-GB")
export const localTime = localTimesIn("en-GB")

export const phrases: Phrases = {
  greeting: (name) => (name ? `Hello ${name},` : "Hello,"),
  linkInstead: "If the button doesn’t work, open this link:",
  automatic: (appName) => `${appName} sent you this message automatically.`,
  unsubscribe: "Unsubscribe",
}
