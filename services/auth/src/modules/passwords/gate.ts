import { Problem } from "@gatepost/http"

/** Lets a bounded number of hashes run at once; the rest wait, few and not for long. */
export interface Gate {
  /** @throws Problem `server.busy` when too many wait already, or the turn did not come in time */
  run<Result>(work: () => Promise<Result>): Promise<Result>
}

export interface GateOptions {
  concurrency: number
  maxWaiting: number
  maxWaitMs: number
}

/** Measured: 16 hashes at once delay a signature by 90 to 160 ms, behind a gate of two by none (ADR 0006). */
export function createGate({ concurrency, maxWaiting, maxWaitMs }: GateOptions): Gate {
  const waiting: (() => void)[] = []
  let running = 0

  const turn = () =>
    new Promise<void>((resolve, reject) => {
      if (waiting.length >= maxWaiting) return reject(busy())
      const enter = () => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(enter), 1)
        reject(busy())
      }, maxWaitMs)
      waiting.push(enter)
    })

  return {
    async run(work) {
      if (running < concurrency) running++
      else await turn()
      try {
        return await work()
      } finally {
        const next = waiting.shift()
        if (next) next()
        else running--
      }
    },
  }
}

const busy = () => new Problem("server.busy")
