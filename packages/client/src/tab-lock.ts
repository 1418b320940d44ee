import type { Clock } from "./clock.js"

/** What we need of the Web Locks API: `navigator.locks` is one. */
export interface Locks {
  request(name: string, options: { signal: AbortSignal }, callback: () => Promise<void>): Promise<unknown>
}

/**
 * Runs the work while no other tab does. A tab that is frozen may keep the lock for good, so after
 * `patienceMs` the work runs all the same: the lock saves requests, the server's rules keep it right.
 */
export async function withTabLock(
  locks: Locks | undefined,
  name: string,
  { clock, patienceMs, work }: { clock: Clock; patienceMs: number; work: () => Promise<void> },
): Promise<void> {
  if (!locks) return work()
  const waiting = new AbortController()
  const cancel = clock.setTimeout(() => waiting.abort(), patienceMs)
  let running: Promise<void> | undefined
  try {
    await locks.request(name, { signal: waiting.signal }, () => {
      cancel()
      running = work()
      return running
    })
  } catch {
    // Also where locks are forbidden, as in a sandboxed frame.
    return running ?? work()
  } finally {
    cancel()
  }
}

/** Those of the browser, on pages that may use them. */
export const defaultLocks = (): Locks | undefined => globalThis.navigator?.locks
