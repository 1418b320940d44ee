/** Work that is done once for all who wait for it. */
export interface Rounds {
  /** How many rounds have begun. */
  begun(): number
  /** Does a round now, or one more right after the one under way. */
  wake(): void
  /** Resolves with the newest round's number as soon as one after this is done; rejects when one fails. */
  after(round: number): Promise<number>
}

interface Ending {
  promise: Promise<void>
  resolve(): void
  reject(cause: unknown): void
}

export function createRounds(work: () => Promise<void>): Rounds {
  let begun = 0
  let done = 0
  let ending = createEnding()
  let isRunning = false
  let isWoken = false

  async function run(): Promise<void> {
    isRunning = true
    while (isWoken) {
      isWoken = false
      begun += 1
      const outcome = await work().then(
        () => undefined,
        (cause: unknown) => ({ cause }),
      )
      const ended = ending
      ending = createEnding()
      if (outcome) {
        ended.reject(outcome.cause)
      } else {
        done = begun
        ended.resolve()
      }
    }
    isRunning = false
  }

  return {
    begun: () => begun,
    wake() {
      isWoken = true
      if (!isRunning) void run()
    },
    async after(round) {
      while (done <= round) await ending.promise
      return done
    },
  }
}

function createEnding(): Ending {
  let resolve = () => {}
  let reject: Ending["reject"] = () => {}
  const promise = new Promise<void>((onDone, onFailure) => {
    resolve = onDone
    reject = onFailure
  })
  // Nobody may be waiting, which is no reason to end the process.
  promise.catch(() => {})
  return { promise, resolve, reject }
}
