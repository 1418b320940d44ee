import type { Bench } from "./bench.js"
import type { Workload } from "./load/workload.js"
import type { Subject } from "./scenario.js"

/** A server under measure. */
export interface Server {
  /** Without a trailing slash. */
  url: string
  /** Its process; those it starts are counted in. */
  pid: number
  stop(): Promise<void>
}

/** Makes a server ready for a workload (an account, tokens) and says what to send. */
export type PrepareLoad = (server: Server, bench: Bench) => Promise<Workload>

/** A subject whose work is answering HTTP requests. */
export const httpSubject = (
  name: string,
  start: (bench: Bench) => Promise<Server>,
  prepareLoad: PrepareLoad,
): Subject => ({
  name,
  async start(bench) {
    const server = await start(bench)
    bench.onClose(server.stop)
    const generator = await bench.generator()
    const loop = await generator.prepare(await prepareLoad(server, bench))
    return { pid: server.pid, measure: loop.run, stop: server.stop }
  },
})
