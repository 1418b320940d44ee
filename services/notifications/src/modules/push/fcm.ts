import { z } from "zod"
import { createFcmAccess, type ServiceAccount } from "./fcm-access.js"
import type { Push, PushResult, PushTransport } from "./push.types.js"
import { cut } from "./push-text.js"
import { retryAfterSeconds } from "./retry-after.js"

const TIMEOUT_MS = 5_000
// FCM's limit is 4096 bytes for the payload.
const MAX_BODY_BYTES = 1_500
const MAX_DATA_BYTES = 1_500

/** google.rpc.Status, with FCM's own code among the details. */
const Refusal = z.object({
  error: z.object({
    status: z.string().optional(),
    message: z.string().default(""),
    details: z.array(z.looseObject({ "@type": z.string() })).default([]),
  }),
})

const FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
// Google's own sample of a token that never was one names no field.
const NO_TOKEN = /registration token is not a valid/i
const BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"

/**
 * Firebase Cloud Messaging, HTTP v1; for Android, and for iOS and the web where their apps use FCM.
 *
 * @param options.url Google's; another one is for tests
 */
export function createFcm(options: { account: ServiceAccount; url: string }): PushTransport {
  const access = createFcmAccess(options.account)
  const target = `${options.url}/v1/projects/${options.account.project_id}/messages:send`

  const post = async (token: string, address: string, push: Push): Promise<PushResult> => {
    const response = await fetch(target, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ message: messageOf(address, push) }),
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (response.status === 401) access.forget(token)
    return response.ok ? { kind: "sent", answer: "status 200" } : refusalOf(response)
  }

  return {
    async send({ address }, push) {
      try {
        return await post(await access.token(), address, push)
      } catch (cause) {
        return { kind: "again", answer: (cause as Error).message.slice(0, 200) }
      }
    },
  }
}

/** The device shows it by itself; the data is for the app. Values of data are strings. */
function messageOf(token: string, { id, category, title, body, link, data, ttlSeconds, isUrgent }: Push) {
  const extra = JSON.stringify(data)
  return {
    token,
    notification: { title, body: cut(body, MAX_BODY_BYTES) },
    data: {
      id,
      category,
      ...(link !== undefined && { link }),
      ...(Buffer.byteLength(extra) <= MAX_DATA_BYTES && { data: extra }),
    },
    // The same tag, and a second copy takes the place of the first.
    android: { ttl: `${ttlSeconds}s`, priority: isUrgent ? "HIGH" : "NORMAL", notification: { tag: id } },
    apns: {
      headers: {
        "apns-collapse-id": id,
        "apns-expiration": String(Math.floor(Date.now() / 1000) + ttlSeconds),
        "apns-priority": isUrgent ? "10" : "5",
      },
    },
  }
}

/** https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode */
async function refusalOf(response: Response): Promise<PushResult> {
  const parsed = Refusal.safeParse(await response.json().catch(() => undefined))
  const { status = "", message = "", details = [] } = parsed.data?.error ?? {}
  const code = details.find((detail) => detail["@type"] === FCM_ERROR)?.errorCode
  const answer = `status ${response.status} ${typeof code === "string" ? code : status}`.trim()

  // The app was removed or its token has expired. A bare 404 may be of a wrong project, and tells of no token.
  if (response.status === 404 && code === "UNREGISTERED") return { kind: "gone", answer }
  // Of another sender's app: no push of ours will ever reach it.
  if (response.status === 403 && code === "SENDER_ID_MISMATCH") return { kind: "gone", answer }
  if (response.status === 400)
    return { kind: details.some(blamesToken) || NO_TOKEN.test(message) ? "gone" : "refused", answer }
  if (response.status === 401 || response.status === 429 || response.status >= 500)
    return { kind: "again", answer, afterSeconds: retryAfterSeconds(response.headers.get("Retry-After")) }
  return { kind: "refused", answer }
}

/** INVALID_ARGUMENT is said of payloads too: only the field tells that the token is none. */
function blamesToken(detail: Record<string, unknown>): boolean {
  if (detail["@type"] !== BAD_REQUEST || !Array.isArray(detail.fieldViolations)) return false
  return detail.fieldViolations.some((violation) => violation?.field === "message.token")
}
