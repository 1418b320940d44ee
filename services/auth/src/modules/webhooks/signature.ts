import { randomBytes } from "node:crypto"
import { Webhook } from "standardwebhooks"

/** Standard Webhooks: 24 to 64 bytes, in base64 behind `whsec_`. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString("base64")}`

/** The headers of Standard Webhooks; with several secrets, a signature of each. */
export function signedHeaders(
  id: string,
  body: string,
  secrets: readonly string[],
  at: Date,
): Record<string, string> {
  const signatures = secrets.map((secret) => new Webhook(secret).sign(id, at, body))
  return {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": signatures.join(" "),
  }
}
