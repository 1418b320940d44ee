export const deviceKinds = ["web-push", "fcm", "apns"] as const

export type DeviceKind = (typeof deviceKinds)[number]

/** Where a push goes. */
export interface Device {
  id: string
  userId: string
  kind: DeviceKind
  /** A token of FCM or APNs, or the endpoint of a browser's subscription. */
  address: string
  /** A browser's (RFC 8291). */
  keys: { p256dh: string; auth: string } | undefined
  name: string | undefined
  createdAt: Date
  seenAt: Date
}
