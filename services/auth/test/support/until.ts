const DEADLINE_MS = 6_000
const PAUSE_MS = 20

/** Waits until something holds. Less than the signing keys' poll of ten seconds: what is learnt, was told. */
export async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`it never came: ${what}`)
    await pause(PAUSE_MS)
  }
}

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
