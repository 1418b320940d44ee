import type { Bench } from "../bench.js"
import { httpSubject, type PrepareLoad, type Server } from "../http-subject.js"
import type { KeyServer } from "../parts/key-server.js"
import type { Comparison, Subject } from "../scenario.js"

/** Somebody else's identity server, or guard of a route. An adapter is one file that makes one of these. */
export interface Peer {
  name: string
  /** What a reader must know to judge the figures: version, and where it does something else than we do. */
  note: string
  /** Brings its packages into a folder of its own; quick when they are there. */
  install(cacheDir: string): Promise<void>
  /** Starts it; a server that knows accounts has one. */
  start(surroundings: PeerSurroundings): Promise<Server>
  /** What it is asked to do; it takes part in the scenarios it names. */
  scenarios: Partial<Record<PeerScenario, PrepareLoad>>
}

export interface PeerSurroundings {
  /** Where `install` put its packages. */
  cacheDir: string
  /** Gives the URL of an empty database, as its owner. */
  createDatabase(): Promise<string>
  /** Who issues the tokens of protected routes. */
  keyServer(): Promise<KeyServer>
}

export type PeerScenario = "signIn" | "refresh" | "me" | "protectedRoute"

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

/** @param purpose tells its database from those it has for others */
export async function startPeer(peer: InstalledPeer, bench: Bench, purpose: string): Promise<Server> {
  return peer.start({
    cacheDir: peer.cacheDir,
    keyServer: bench.keyServer,
    async createDatabase() {
      const postgres = await bench.postgres()
      return postgres.createDatabase(`${peer.name}_${purpose}`.toLowerCase().replaceAll("-", "_"))
    },
  })
}
