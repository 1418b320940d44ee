import { setTimeout as sleep } from "node:timers/promises"
import type { Bench } from "../bench.js"
import type { Server } from "../http-subject.js"
import { startAuthService } from "../ours/auth-service.js"
import { type InstalledPeer, startPeer } from "../peers/peer.js"
import { memoryOf } from "../processes/memory.js"
import type { Limit, Scenario, Subject } from "../scenario.js"

const OURS = "auth service"
const REACH: Record<string, number> = { "better-auth": 1 }

/** Servers that know people, with one account in each and nothing to do. */
export function memoryScenario(peers: readonly InstalledPeer[]): Scenario {
  const others = peers.filter(({ scenarios }) => scenarios.signIn)
  return {
    name: "memory",
    title: "Memory, idle",
    subjects: [
      idleSubject(OURS, (bench) => startAuthService(bench, "memory")),
      ...others.map((peer) => idleSubject(peer.name, (bench) => startPeer(peer, bench, "memory"))),
    ],
    comparisons: [],
    limits: others.length > 0 ? others.map(limitAgainst) : [{ subject: OURS, by: "memory" }],
  }
}

const limitAgainst = ({ name }: InstalledPeer): Limit => ({
  subject: OURS,
  against: name,
  by: "memory",
  most: REACH[name],
})

const idleSubject = (name: string, start: (bench: Bench) => Promise<Server>): Subject => ({
  name,
  async start(bench) {
    const { pid, stop } = await start(bench)
    bench.onClose(stop)
    return {
      stop,
      async measure(seconds) {
        await sleep(seconds * 1000)
        return { count: 0, seconds, memoryMib: memoryOf(pid) }
      },
    }
  },
})
