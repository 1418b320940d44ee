const DEADLINE_MS = 6_000
const PAUSE_MS = 10

/**
 * Waits until something holds.
 *
 * @param what it is, for the error when it never comes
 * @throws after the deadline: by itself 6 s, less than the signing keys' poll of ten seconds, so that what is learnt
 *   in that time was told
 */
export async function until(
  what: string,
  holds: () => Promise<boolean> | boolean,
  deadlineMs = DEADLINE_MS,
): Promise<void> {
  const deadline = Date.now() + deadlineMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`it never came: ${what}`)
    await pause(PAUSE_MS)
  }
}

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
