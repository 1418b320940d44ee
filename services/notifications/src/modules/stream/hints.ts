import { listen } from "@gatepost/postgres"
import type { Logger } from "@gatepost/runtime"
import { EVERYONE, HINT_CHANNEL } from "../inbox/index.js"

/** Who wants to know when an inbox may look different. */
export interface Hints {
  /** @returns what ends it */
  subscribe(userId: string, onHint: () => void): () => void
  close(): Promise<void>
}

/**
 * One listening connection for all who subscribe. A NOTIFY is part of its transaction, so whatever was committed is
 * told; what was told while the connection was away is made up for by telling everyone.
 */
export function followHints(databaseUrl: string, logger: Logger): Hints {
  const listeners = new Map<string, Set<() => void>>()

  const listener = listen(
    databaseUrl,
    HINT_CHANNEL,
    (userId = EVERYONE) => {
      const told = userId === EVERYONE ? [...listeners.values()] : [listeners.get(userId) ?? []]
      for (const group of told) for (const tell of group) tell()
    },
    logger,
  )

  return {
    subscribe(userId, onHint) {
      const group = listeners.get(userId) ?? new Set()
      listeners.set(userId, group.add(onHint))
      return () => {
        group.delete(onHint)
        if (group.size === 0 && listeners.get(userId) === group) listeners.delete(userId)
      }
    },
    close: listener.close,
  }
}
