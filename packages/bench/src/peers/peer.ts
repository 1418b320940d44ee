import type { Bench } from "../bench.js"
import { httpSubject, type PrepareLoad, type Server } from "../http-subject.js"
import type { Comparison, Subject } from "../scenario.js"

/** Somebody else's identity server. An adapter is one file that makes one of these. */
export interface Peer {
  name: string
  /** What a reader must know to judge the figures: version, and where it does something else than we do. */
  note: string
  /** Brings its packages into a folder of its own; quick when they are there. */
  install(cacheDir: string): Promise<void>
  /** Starts it on an empty database, with an account in it. */
  start(surroundings: PeerSurroundings): Promise<Server>
  /** What it is asked to do; it takes part in the scenarios it names. */
  scenarios: Partial<Record<PeerScenario, PrepareLoad>>
}

export interface PeerSurroundings {
  /** Where `install` put its packages. */
  cacheDir: string
  /** Of an empty database, as its owner. */
  databaseUrl: string
}

export type PeerScenario = "signIn" | "refresh" | "me"

/** A peer that is installed, and where. */
export type InstalledPeer = Peer & { cacheDir: string }

/** Lets the peers that can take part in a scenario, and compares with each. */
export function peersIn(
  scenario: PeerScenario,
  peers: readonly InstalledPeer[],
  reach: Record<string, number>,
): { subjects: Subject[]; comparisonsOf(subject: string): Comparison[] } {
  const taking = peers.flatMap((peer) => {
    const prepareLoad = peer.scenarios[scenario]
    return prepareLoad ? [{ peer, prepareLoad }] : []
  })
  return {
    subjects: taking.map(({ peer, prepareLoad }) =>
      httpSubject(peer.name, (bench) => startPeer(peer, bench, scenario), prepareLoad),
    ),
    comparisonsOf: (subject) =>
      taking.map(({ peer: { name } }) => ({
        subject,
        against: name,
        by: "throughput",
        reach: reach[name],
      })),
  }
}

async function startPeer(peer: InstalledPeer, bench: Bench, scenario: PeerScenario): Promise<Server> {
  const postgres = await bench.postgres()
  const name = `${peer.name}_${scenario}`.toLowerCase().replaceAll("-", "_")
  return peer.start({ cacheDir: peer.cacheDir, databaseUrl: await postgres.createDatabase(name) })
}
