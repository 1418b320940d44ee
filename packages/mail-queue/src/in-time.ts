const TIMEOUT_MS = 2_000

/** Waits for an answer of the job queue, but not for one that hangs. */
export async function inTime<Answer>(work: Promise<Answer>, limitMs = TIMEOUT_MS): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the job queue did not answer in time")), limitMs)
  })
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer))
}
