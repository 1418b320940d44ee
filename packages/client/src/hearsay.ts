import type { StorageAdapter } from "./storage.js"

export interface Hearsay {
  /** Tells the others. */
  tell(): void
  close(): void
}

/** News of the storage between the tabs: by the storage's own means, else over a BroadcastChannel. */
export function openHearsay(storage: StorageAdapter, key: string, heard: () => void): Hearsay {
  if (storage.subscribe) return { tell: () => {}, close: storage.subscribe(key, heard) }
  if (typeof BroadcastChannel === "undefined") return { tell: () => {}, close: () => {} }

  const channel = new BroadcastChannel(key)
  channel.onmessage = heard
  // Node would wait for the next message for ever.
  ;(channel as { unref?: () => void }).unref?.()
  return { tell: () => channel.postMessage(null), close: () => channel.close() }
}
