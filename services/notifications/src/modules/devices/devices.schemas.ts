import { ECDH } from "node:crypto"
import { z } from "zod"
import type { Device } from "./devices.types.js"

const name = z.string().trim().min(1, "must not be empty").max(100).optional()
const token = z
  .string()
  .min(16, "must be the token of a device")
  .max(4_096)
  .regex(/^[\x21-\x7e]+$/, "must be the token of a device")

const Subscription = z
  .object({
    endpoint: z.string().max(2_000),
    keys: z.object({
      p256dh: z.string().max(200).refine(isPublicKey, "must be a P-256 key in base64url"),
      auth: z.string().max(200).refine(isSecret, "must be 16 bytes in base64url"),
    }),
  })
  .meta({ id: "PushSubscription", description: "As the browser's `PushSubscription.toJSON()` has it" })

export const RegisterDeviceBody = z
  .discriminatedUnion("kind", [
    z.object({ kind: z.literal("web-push"), subscription: Subscription, name }),
    z.object({ kind: z.literal("fcm"), token, name }),
    z.object({ kind: z.literal("apns"), token, name }),
  ])
  .meta({ id: "RegisterDevice" })

export type RegisterDevice = z.output<typeof RegisterDeviceBody>

export const DeviceView = z
  .object({
    id: z.uuid(),
    kind: z.enum(["web-push", "fcm", "apns"]),
    name: z.string().nullable(),
    created_at: z.iso.datetime(),
    seen_at: z.iso.datetime(),
  })
  .meta({ id: "Device" })

export const DeviceList = z
  .object({ items: z.array(DeviceView), next_cursor: z.string().nullable() })
  .meta({ id: "DeviceList" })

export const DeviceParams = z.object({ id: z.uuid() })

export const WebPushKey = z
  .object({ public_key: z.string().nullable() })
  .meta({ id: "WebPushKey", description: "For `applicationServerKey`; null where Web Push is off" })

export const toDeviceView = ({ id, kind, name, createdAt, seenAt }: Device): z.input<typeof DeviceView> => ({
  id,
  kind,
  name: name ?? null,
  created_at: createdAt.toISOString(),
  seen_at: seenAt.toISOString(),
})

const BASE64URL = /^[A-Za-z0-9_-]+={0,2}$/

/** A point that is on no curve would fail each push. */
function isPublicKey(text: string): boolean {
  const point = Buffer.from(text, "base64url")
  if (!BASE64URL.test(text) || point.length !== 65) return false
  try {
    return ECDH.convertKey(point, "prime256v1").length > 0
  } catch {
    return false
  }
}

/** RFC 8291 section 3.2. */
function isSecret(text: string): boolean {
  return BASE64URL.test(text) && Buffer.from(text, "base64url").length === 16
}
