import { readdirSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import type { Stage } from "../stage.js"
import { type Fault, must } from "./fault.js"
import { memoryOf } from "./slowloris.js"

const ROUND_MS = 20_000
/** So many rounds are needed to tell a leak from a heap that fills: half an hour, after a warm-up of ten minutes. */
const LONG = 90
const WARM_UP = 30

export const longRun: Fault = {
  id: "R20",
  promise: "A long run leaks nothing",
  fault:
    "load for 20 s a round, with bogus tokens beside it; `--faults R20 --rounds 90` is half an hour, 720 are four",
  expected: "memory below 10 % more after the warm-up, files and connections constant",
  async inject(stage, rounds) {
    for (let count = 0; count < (rounds < LONG ? 1 : WARM_UP); count++) await round(stage)
    const before = await consumption(stage)
    for (let count = 0; count < rounds; count++) await round(stage)
    const after = await consumption(stage)
    const grown = (what: keyof typeof before) => `${Math.round(before[what])} → ${Math.round(after[what])}`
    return [
      rounds < LONG
        ? { text: `memory of all processes ${grown("memory")} MB, not judged in a run so short` }
        : must(`memory of all processes ${grown("memory")} MB`, after.memory < before.memory * 1.1),
      must(`open files ${grown("files")}`, after.files < before.files * 1.25 + 20),
      must(`connections to PostgreSQL ${grown("connections")}`, after.connections < before.connections + 10),
    ]
  },
}

async function round({ client }: Stage): Promise<void> {
  for (const end = Date.now() + ROUND_MS; Date.now() < end; await sleep(200)) {
    const token = `${Math.random()}.${Math.random()}.x`
    await client.call({ op: "bogus", path: "/v1/auth/me", expect: [401], token })
    await client.call({ op: "bogus", path: "/v1/notifications", expect: [401], token })
  }
}

async function consumption({ members, site }: Stage) {
  const running = members()
  const [row] = await site.query<{ count: number }>(
    "select count(*)::integer as count from pg_stat_activity where usename like 'gatepost%'",
  )
  return {
    memory: running.reduce((sum, member) => sum + memoryOf(member), 0),
    files: running.reduce((sum, member) => sum + readdirSync(`/proc/${member.pid()}/fd`).length, 0),
    connections: row?.count ?? 0,
  }
}
