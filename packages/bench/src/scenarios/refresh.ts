import type { Bench } from "../bench.js"
import { CONNECTIONS } from "../connections.js"
import { floorLoad, startFloor } from "../floors/floor.js"
import { httpSubject } from "../http-subject.js"
import { loads, startAuthService } from "../ours/auth-service.js"
import { type InstalledPeer, peersIn } from "../peers/peer.js"
import type { Comparison, Scenario } from "../scenario.js"

const OIDC = "refresh at /oidc/token"

export function refreshScenario(peers: readonly InstalledPeer[]): Scenario {
  const others = peersIn("refresh", peers, { "better-auth": 5, directus: 6, "oidc-provider": 1.5 })
  const load = floorLoad("POST", CONNECTIONS.refresh)
  return {
    name: "refresh",
    title: "Refresh",
    unit: "req",
    subjects: [
      httpSubject("refresh", (bench) => startAuthService(bench, "refresh"), loads.refresh),
      httpSubject(OIDC, (bench) => startAuthService(bench, "oidc_refresh"), loads.oidcRefresh),
      httpSubject("RS256 signature", () => startFloor("rs256"), load),
      httpSubject("Postgres commit", startCommitFloor, load),
      ...others.subjects,
    ],
    comparisons: [
      { subject: "refresh", against: "RS256 signature", by: "throughput", reach: 0.6 },
      { subject: "refresh", against: "Postgres commit", by: "throughput" },
      ...others.comparisonsOf("refresh"),
      { subject: OIDC, against: "refresh", by: "throughput" },
      // Like with like: both doors speak OAuth.
      ...others
        .comparisonsOf(OIDC)
        .filter(({ against }) => against === "oidc-provider")
        .map(withoutGoal),
    ],
  }
}

const withoutGoal = ({ reach: _, ...comparison }: Comparison): Comparison => comparison

async function startCommitFloor(bench: Bench) {
  const postgres = await bench.postgres()
  return startFloor("postgres-commit", [await postgres.createDatabase("commits")])
}
