import { type Clock, sleep } from "./clock.js"
import { ApiError, NetworkError } from "./errors.js"

const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 8_000
// A proxy's mistaken day must not lock a person out.
const LONGEST_RETRY_AFTER_MS = 300_000
const ATTEMPTS = 3

/** Whether the same call may go well later. */
export function isTransient(error: unknown): error is ApiError | NetworkError {
  if (error instanceof NetworkError) return true
  return error instanceof ApiError && (error.status >= 500 || [408, 425, 429].includes(error.status))
}

/** Milliseconds that the server asked us to wait; 0 if it did not. */
export const askedToWaitMs = (error: unknown): number =>
  isTransient(error) ? Math.min((error.retryAfterSeconds ?? 0) * 1000, LONGEST_RETRY_AFTER_MS) : 0

/** Doubles from failure to failure; half of it is left to chance, so that many devices don't come at once. */
export function delayAfter(failures: number, error: unknown, random: () => number): number {
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LONGEST_DELAY_MS)
  const asked = askedToWaitMs(error)
  return Math.max(delay * (0.5 + random() / 2), asked && asked + random() * 1000)
}

export interface RetryOptions {
  clock: Clock
  random: () => number
  /** No attempt starts after this time. */
  patienceMs: number
  closed: AbortSignal
}

/** For calls that may be sent twice: up to three attempts. @throws the last error */
export async function retry<Result>(
  attempt: () => Promise<Result>,
  { clock, random, patienceMs, closed }: RetryOptions,
): Promise<Result> {
  const giveUpAt = clock.now() + patienceMs
  for (let failures = 1; ; failures++) {
    try {
      return await attempt()
    } catch (error) {
      const delay = delayAfter(failures, error, random)
      if (!isTransient(error) || failures === ATTEMPTS || clock.now() + delay > giveUpAt) throw error
      await sleep(clock, delay)
      if (closed.aborted) throw error
    }
  }
}
