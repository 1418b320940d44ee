import { setTimeout as sleep } from "node:timers/promises"
import type { Bench } from "../bench.js"
import { CONNECTIONS } from "../connections.js"
import type { PrepareLoad, Server } from "../http-subject.js"
import type { Loop } from "../load/loop.js"
import { loads, startAuthService } from "../ours/auth-service.js"
import { type InstalledPeer, startPeer } from "../peers/peer.js"
import type { Limit, Scenario, Subject } from "../scenario.js"

/** Whose refresh is measured while many sign in. */
interface Party {
  name: string
  start(bench: Bench): Promise<Server>
  signIn: PrepareLoad
  refresh: PrepareLoad
  /** How many times as long its p99 may become. */
  most?: number
}

/** A server with both loads on it; one for the quiet subject and the stormy one, since it is its own measure. */
interface Stage {
  server: Server
  refresh: Loop
  signIns: Loop
}

// A third of what the slowest peer can do when it is quiet.
const REFRESHES_PER_SECOND = 40
// Until every sign-in is in flight, and as long after the last refresh was sent.
const MARGIN_SECONDS = 1
// A p99 needs some hundred requests.
const STRETCH = 2

export function stormScenario(peers: readonly InstalledPeer[]): Scenario {
  const ours: Party = {
    name: "refresh",
    start: (bench) => startAuthService(bench, "storm"),
    signIn: loads.signIn,
    refresh: loads.refresh,
    most: 2,
  }
  const parties = [ours, ...peers.flatMap(partyOf)]
  return {
    name: "storm",
    title: "Storm of sign-ins",
    unit: "req",
    stretch: STRETCH,
    subjects: parties.flatMap(subjectsOf),
    comparisons: [],
    limits: parties.map(limitOf),
  }
}

function partyOf(peer: InstalledPeer): Party[] {
  const { signIn, refresh } = peer.scenarios
  if (!signIn || !refresh) return []
  return [{ name: peer.name, start: (bench) => startPeer(peer, bench, "storm"), signIn, refresh }]
}

const quietName = ({ name }: Party) => `${name} when quiet`
const stormyName = ({ name }: Party) => `${name} in a storm`

const limitOf = (party: Party): Limit => ({
  subject: stormyName(party),
  against: quietName(party),
  by: "p99",
  most: party.most,
})

function subjectsOf(party: Party): Subject[] {
  let stage: Promise<Stage> | undefined
  const stageOn = (bench: Bench) => {
    stage ??= setStage(party, bench)
    return stage
  }
  return [
    {
      name: quietName(party),
      async start(bench) {
        const { server, refresh } = await stageOn(bench)
        return { pid: server.pid, measure: refresh.run, stop: server.stop }
      },
    },
    {
      name: stormyName(party),
      async start(bench) {
        const { server, ...loops } = await stageOn(bench)
        return { measure: (seconds) => refreshInStorm(loops, seconds), stop: server.stop }
      },
    },
  ]
}

async function setStage(party: Party, bench: Bench): Promise<Stage> {
  const server = await party.start(bench)
  bench.onClose(server.stop)
  const generator = await bench.generator()
  const refresh = await party.refresh(server, bench)
  const signIn = await party.signIn(server, bench)
  return {
    server,
    refresh: await generator.prepare({ ...refresh, perSecond: REFRESHES_PER_SECOND }),
    signIns: await generator.prepare({ ...signIn, connections: CONNECTIONS.storm, waitsWhenBusy: true }),
  }
}

async function refreshInStorm({ refresh, signIns }: Omit<Stage, "server">, seconds: number) {
  const storm = signIns.run(seconds + 2 * MARGIN_SECONDS)
  // Looked at below; till then it is no unhandled rejection.
  storm.catch(() => {})
  await sleep(MARGIN_SECONDS * 1000)
  const work = await refresh.run(seconds)
  const { count, seconds: stormed } = await storm
  return { ...work, signInsPerSecond: count / stormed }
}
