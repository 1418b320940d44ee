/** Time that only goes forward: a device's wall clock may be hours off, and may be set while we run. */
export interface Clock {
  /** Milliseconds since some moment. */
  now(): number
  /** Calls back once, later; the returned function calls it off. */
  setTimeout(callback: () => void, ms: number): () => void
}

export const systemClock: Clock = {
  now: () => globalThis.performance?.now() ?? Date.now(),
  setTimeout(callback, ms) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

/** Waits; rejects once the signal is aborted. */
export const sleep = (clock: Clock, ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(reasonOf(signal))
    const stop = () => {
      cancel()
      reject(signal && reasonOf(signal))
    }
    const cancel = clock.setTimeout(() => {
      signal?.removeEventListener("abort", stop)
      resolve()
    }, ms)
    signal?.addEventListener("abort", stop)
  })

export interface Limits {
  /** @throws what `lateError` makes, after this time */
  timeoutMs?: number
  signal?: AbortSignal | null | undefined
}

/**
 * Waits for work, but not beyond its limits, whether or not the work heeds the signal it gets: some
 * runtimes miss an abort while a body streams.
 */
export function limited<Result>(
  clock: Clock,
  work: (signal: AbortSignal) => Promise<Result>,
  limits: Limits & { lateError: () => Error },
): Promise<Result> {
  const { timeoutMs, signal, lateError } = limits
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(reasonOf(signal))
    const abort = new AbortController()
    const stop = (reason: unknown) => {
      tidy()
      abort.abort(reason)
      reject(reason)
    }
    const onAbort = () => stop(signal && reasonOf(signal))
    const cancel = timeoutMs === undefined ? undefined : clock.setTimeout(() => stop(lateError()), timeoutMs)
    const tidy = () => {
      cancel?.()
      signal?.removeEventListener("abort", onAbort)
    }
    signal?.addEventListener("abort", onAbort)
    work(abort.signal).finally(tidy).then(resolve, reject)
  })
}

/** React Native's signals have no reason. */
function reasonOf(signal: AbortSignal): unknown {
  return signal.reason ?? Object.assign(new Error("the call was aborted"), { name: "AbortError" })
}
