import { killAll, type Parts, stopInOrder } from "./shutdown.js"
import { type Started, type StartOptions, startAll } from "./startup.js"

export interface Supervisor {
  /** @throws StartError; call `stop` then, since some parts may run */
  start(): Promise<Started>
  /** Ends everything in order, by force after four seconds; also in the middle of a start. */
  stop(): Promise<void>
  /** Ends everything at once. */
  kill(): Promise<void>
}

export function createSupervisor(options: StartOptions): Supervisor {
  const parts: Parts = { programs: [] }
  const halt = new AbortController()

  return {
    start: () => startAll({ ...options, parts, halt: halt.signal }),
    async stop() {
      halt.abort()
      await stopInOrder(parts)
    },
    async kill() {
      halt.abort()
      await killAll(parts)
    },
  }
}
