import { CONNECTIONS } from "../connections.js"
import { floorLoad, startFloor } from "../floors/floor.js"
import { httpSubject } from "../http-subject.js"
import { loads, startAuthService } from "../ours/auth-service.js"
import { type InstalledPeer, peersIn } from "../peers/peer.js"
import type { Scenario } from "../scenario.js"

export function signInScenario(peers: readonly InstalledPeer[]): Scenario {
  const others = peersIn("signIn", peers, { "better-auth": 6, directus: 2, "parse-server": 4 })
  return {
    name: "sign-in",
    title: "Sign-in",
    unit: "req",
    subjects: [
      httpSubject("sign-in", (bench) => startAuthService(bench, "sign_in"), loads.signIn),
      httpSubject("argon2id", () => startFloor("argon2id"), floorLoad("POST", CONNECTIONS.signIn)),
      ...others.subjects,
    ],
    comparisons: [
      { subject: "sign-in", against: "argon2id", by: "cpu", reach: 0.9 },
      ...others.comparisonsOf("sign-in"),
    ],
  }
}
