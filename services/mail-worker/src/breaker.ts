const FAILURES = 3
const REST_MS = 10_000

/** Remembers that something fails, so that not everybody has to wait for it to fail again. */
export function createBreaker() {
  let failures = 0
  let openUntil = 0

  return {
    /** Whether it failed several times in a row, a moment ago; after a rest one caller may try again. */
    isOpen(): boolean {
      if (failures < FAILURES) return false
      if (Date.now() < openUntil) return true
      openUntil = Date.now() + REST_MS
      return false
    },
    record(succeeded: boolean): void {
      failures = succeeded ? 0 : failures + 1
      if (!succeeded) openUntil = Date.now() + REST_MS
    },
  }
}
