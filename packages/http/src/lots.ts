import { type RateLimiterAbstract, RateLimiterRes } from "rate-limiter-flexible"

interface Lot {
  left: number
  isRefused: boolean
  /** By the process's own clock, in milliseconds: the common count begins anew then. */
  until: number
}

// What is forgotten beyond it is the rest of a lot: fewer calls than there might be, never more.
const MAX_HELD = 10_000

/**
 * Takes calls from a common counter in lots, so that of many calls one asks it. A lot is taken whole or not at all,
 * so all processes together never admit more than the counter has.
 *
 * @param refusal what to throw, by the seconds until there is more
 */
export function inLots(limiter: RateLimiterAbstract, lot: number, refusal: (seconds: number) => Error) {
  const held = new Map<string, Promise<Lot>>()

  return async (key: string): Promise<void> => {
    for (;;) {
      // Of many calls at once one takes the next lot, and the others wait for it.
      const taken = held.get(key) ?? takeNext(key)
      const current = await taken
      const millisecondsLeft = current.until - performance.now()
      if (millisecondsLeft > 0) {
        if (current.isRefused) throw refusal(Math.max(1, Math.ceil(millisecondsLeft / 1000)))
        if (current.left-- > 0) return
      }
      if (held.get(key) === taken) void takeNext(key)
    }
  }

  function takeNext(key: string): Promise<Lot> {
    const taken = take(key)
    held.delete(key)
    held.set(key, taken)
    taken.catch(() => held.get(key) === taken && held.delete(key))
    const [oldest] = held.keys()
    if (held.size > MAX_HELD && oldest !== undefined) held.delete(oldest)
    return taken
  }

  async function take(key: string): Promise<Lot> {
    try {
      const { msBeforeNext } = await limiter.consume(key, lot)
      return { left: lot, isRefused: false, until: performance.now() + msBeforeNext }
    } catch (state) {
      if (!(state instanceof RateLimiterRes)) throw state
      return { left: 0, isRefused: true, until: performance.now() + state.msBeforeNext }
    }
  }
}
