import type { Device, DeviceKind } from "../devices/index.js"

/** What a device is sent. */
export interface Push {
  /** The notification's: a second copy replaces the first on the device. */
  id: string
  category: string
  title: string
  body: string
  link: string | undefined
  data: Record<string, unknown>
  /** How long it is worth something to a device that is away. */
  ttlSeconds: number
  isUrgent: boolean
}

export type PushResult =
  | { kind: "sent"; answer: string }
  /** The address is dead for good, and its device is to be forgotten. */
  | { kind: "gone"; answer: string }
  /** @property afterSeconds what the other side asked for */
  | { kind: "again"; answer: string; afterSeconds?: number | undefined }
  /** This push will never be taken; of the device that says nothing. */
  | { kind: "refused"; answer: string }

/** Brings pushes to one kind of device. */
export interface PushTransport {
  /** Never rejects. */
  send(device: Device, push: Push): Promise<PushResult>
}

export type PushTransports = Partial<Record<DeviceKind, PushTransport>>
