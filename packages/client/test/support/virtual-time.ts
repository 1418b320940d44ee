import type { Clock } from "#src/index.js"

interface Timer {
  at: number
  callback: () => void
}

/** Time that passes only when a test says so, at once. */
export interface VirtualTime {
  now(): number
  /** A device's monotonic clock, which counts from a moment of its own. */
  clock(): Clock
  /** Lets all happen that happens in this time. */
  advance(ms: number): Promise<void>
  /** Lets time pass until the work is done, and gives its result. */
  until<Result>(work: Promise<Result>): Promise<Result>
  sleep(ms: number): Promise<void>
}

export function createVirtualTime(): VirtualTime {
  const timers = new Set<Timer>()
  let now = 0

  const setTimer = (callback: () => void, ms: number) => {
    const timer = { at: now + Math.max(0, ms), callback }
    timers.add(timer)
    return () => {
      timers.delete(timer)
    }
  }
  const next = () => [...timers].reduce<Timer | undefined>((a, b) => (a && a.at <= b.at ? a : b), undefined)
  const fire = (timer: Timer) => {
    timers.delete(timer)
    now = timer.at
    timer.callback()
  }

  return {
    now: () => now,
    clock() {
      const start = now - 12_345
      return { now: () => now - start, setTimeout: setTimer }
    },
    async advance(ms) {
      const end = now + ms
      await settle()
      for (let timer = next(); timer && timer.at <= end; timer = next()) {
        fire(timer)
        await settle()
      }
      now = end
    },
    async until(work) {
      let isDone = false
      const done = () => {
        isDone = true
      }
      work.then(done, done)
      await settle()
      while (!isDone) {
        const timer = next()
        if (!timer) throw new Error("nothing will happen any more, and the work is not done")
        fire(timer)
        await settle()
      }
      return work
    },
    sleep: (ms) => new Promise((resolve) => setTimer(resolve, ms)),
  }
}

/** Lets every promise that can go on do so; bodies of responses take more than one turn. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}
