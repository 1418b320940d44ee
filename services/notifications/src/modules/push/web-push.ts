import { createECDH } from "node:crypto"
import { type Egress, EgressRefused } from "@gatepost/egress"
import webpush from "web-push"
import type { PushResult, PushTransport } from "./push.types.js"
import { pushText } from "./push-text.js"
import { retryAfterSeconds } from "./retry-after.js"

export interface WebPushOptions {
  egress: Egress
  /** A P-256 private key, 32 bytes in base64url (RFC 8292). */
  privateKey: string
  /** Who a push service can complain to: `mailto:` or an https URL. */
  subject: string
}

/** The public half, which browsers subscribe with. @throws when it is no key */
export function webPushKeyOf(privateKey: string): string {
  const curve = createECDH("prime256v1")
  curve.setPrivateKey(Buffer.from(privateKey, "base64url"))
  return curve.getPublicKey("base64url")
}

/**
 * Web Push (RFC 8030, 8291, 8292). The endpoint is a URL that its user named, so the call goes out by the egress alone
 * (T11); web-push encrypts and signs.
 */
export function createWebPush({ egress, privateKey, subject }: WebPushOptions): PushTransport {
  const vapidDetails = { subject, privateKey, publicKey: webPushKeyOf(privateKey) }

  return {
    async send(device, push) {
      if (!device.keys) return { kind: "refused", answer: "no keys" }
      try {
        const { endpoint, headers, body } = webpush.generateRequestDetails(
          { endpoint: device.address, keys: device.keys },
          pushText(push),
          {
            vapidDetails,
            contentEncoding: "aes128gcm",
            TTL: push.ttlSeconds,
            urgency: push.isUrgent ? "high" : "normal",
            // RFC 8030 section 5.4: a second copy replaces the first while that waits for its browser.
            topic: Buffer.from(push.id.replaceAll("-", ""), "hex").toString("base64url"),
          },
        )
        const sent = { headers: headersOf(headers), body: body ?? Buffer.alloc(0) }
        return resultOf(await egress.post(endpoint, sent))
      } catch (cause) {
        return failureOf(cause as NodeJS.ErrnoException)
      }
    },
  }
}

function resultOf({ status, retryAfter }: { status: number; retryAfter: string | undefined }): PushResult {
  const answer = `status ${status}`
  if (status >= 200 && status < 300) return { kind: "sent", answer }
  // RFC 8030 section 7.3 says 404, and 410 where the service knows that it was there.
  if (status === 404 || status === 410) return { kind: "gone", answer }
  if (status === 429 || status >= 500)
    return { kind: "again", answer, afterSeconds: retryAfterSeconds(retryAfter) }
  // 401 and 403 may be of our key or clock, and must not cost everybody their subscriptions.
  return { kind: "refused", answer }
}

function failureOf(cause: NodeJS.ErrnoException): PushResult {
  if (cause instanceof EgressRefused) return { kind: "refused", answer: cause.message.slice(0, 200) }
  if (cause.code) return { kind: "again", answer: cause.code }
  return { kind: "refused", answer: cause.message.slice(0, 200) }
}

const headersOf = (headers: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.toLowerCase() !== "content-length")
      .map(([name, value]) => [name, String(value)]),
  )
