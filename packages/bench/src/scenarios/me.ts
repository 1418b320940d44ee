import { CONNECTIONS } from "../connections.js"
import { floorLoad, startFloor } from "../floors/floor.js"
import { httpSubject } from "../http-subject.js"
import { loads, startAuthService } from "../ours/auth-service.js"
import { type InstalledPeer, peersIn } from "../peers/peer.js"
import type { Scenario } from "../scenario.js"

export function meScenario(peers: readonly InstalledPeer[]): Scenario {
  const others = peersIn("me", peers, { "parse-server": 2.5 })
  return {
    name: "me",
    title: "Who am I",
    unit: "req",
    subjects: [
      httpSubject("who am I", (bench) => startAuthService(bench, "me"), loads.me),
      httpSubject("Express hello", () => startFloor("express-hello"), floorLoad("GET", CONNECTIONS.me)),
      ...others.subjects,
    ],
    comparisons: [
      { subject: "who am I", against: "Express hello", by: "throughput", reach: 0.45 },
      ...others.comparisonsOf("who am I"),
    ],
  }
}
