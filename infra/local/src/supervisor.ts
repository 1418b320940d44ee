import type { DataDir } from "./data-dir.js"
import type { Household } from "./programs.js"
import type { Settings } from "./settings.js"
import { killAll, type Parts, stopInOrder } from "./shutdown.js"
import { startAll } from "./startup.js"

export interface SupervisorOptions {
  household: Household
  settings: Settings
  dataDir: DataDir
  env: NodeJS.ProcessEnv
  /** The last supervisor was killed, so its programs may be about to end just now. */
  afterKill: boolean
  /** Told in one line of what a person should know of while all runs. */
  onNews(line: string): void
  /** One of the programs crashes again and again. */
  onGivenUp(): void
}

export interface Started {
  publicUrl: string
  inboxUrl: string | undefined
  /** The auth service's admin API, on loopback. */
  adminUrl: string | undefined
  database: string
  databaseUrlOf(role: string): string
}

export interface Supervisor {
  /** @throws StartError; call `stop` then, since some parts may run */
  start(): Promise<Started>
  /** Ends everything in order, by force after four seconds; also in the middle of a start. */
  stop(): Promise<void>
  /** Ends everything at once. */
  kill(): Promise<void>
}

export function createSupervisor(options: SupervisorOptions): Supervisor {
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
