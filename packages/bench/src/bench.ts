import { type Generator, startGenerator } from "./load/generator.js"
import { type KeyServer, startKeyServer } from "./parts/key-server.js"
import { type MailSink, startMailSink } from "./parts/mail-sink.js"
import { type BenchPostgres, startBenchPostgres } from "./parts/postgres.js"
import { type BenchRedis, startRedis } from "./parts/redis.js"
import { cpuOf } from "./processes/cpu.js"

/** What the subjects of a run share. Each part starts when it is first asked for. */
export interface Bench {
  postgres(): Promise<BenchPostgres>
  redis(): Promise<BenchRedis>
  generator(): Promise<Generator>
  keyServer(): Promise<KeyServer>
  mailSink(): Promise<MailSink>
  /** The CPU time of the database so far, in ms; undefined where it does not run or can't be read. */
  databaseCpu(): number | undefined
  /** Something to stop at the end of the run, should nobody have done so before. */
  onClose(stop: () => Promise<void>): void
  /** Stops everything, the latest first. */
  close(): Promise<void>
}

export function createBench(): Bench {
  const stops: (() => Promise<void>)[] = []
  let postgresPid: number | undefined

  const once = <Part extends { stop(): Promise<void> }>(start: () => Promise<Part>) => {
    let part: Promise<Part> | undefined
    return () => {
      if (part) return part
      const starting = start()
      // Noted before it is there, so that an end in the midst of its start waits and ends it.
      stops.push(async () => (await starting).stop())
      part = starting
      return starting
    }
  }
  const postgres = once(startBenchPostgres)

  return {
    async postgres() {
      const started = await postgres()
      postgresPid = started.pid
      return started
    },
    redis: once(startRedis),
    generator: once(startGenerator),
    keyServer: once(startKeyServer),
    mailSink: once(startMailSink),
    databaseCpu: () => (postgresPid === undefined ? undefined : cpuOf(postgresPid)),
    onClose: (stop) => void stops.push(stop),
    async close() {
      for (const stop of stops.splice(0).reverse()) await stop().catch(() => {})
    },
  }
}
