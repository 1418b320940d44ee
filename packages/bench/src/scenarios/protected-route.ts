import { fileURLToPath } from "node:url"
import type { Bench } from "../bench.js"
import { startFloor } from "../floors/floor.js"
import { httpSubject, type Server } from "../http-subject.js"
import { guardedLoad } from "../parts/guarded-load.js"
import type { KeyServer } from "../parts/key-server.js"
import { type InstalledPeer, peersIn } from "../peers/peer.js"
import { startNode } from "../processes/start-node.js"
import type { Scenario } from "../scenario.js"

const GUARDED = fileURLToPath(new URL("../ours/guarded-route.js", import.meta.url))
const SEEN = "protected, token seen before"
const NEW = "protected, new token"
// In a circle longer than the verifier's memory of 5000, so that each is forgotten when it comes again.
const MORE_THAN_REMEMBERED = 5_200

export function protectedRouteScenario(peers: readonly InstalledPeer[]): Scenario {
  const others = peersIn("protectedRoute", peers, { jose: 1.7, "express-oauth2-jwt-bearer": 1.8 })
  return {
    name: "protected-route",
    title: "Protected route",
    unit: "req",
    subjects: [
      httpSubject(SEEN, startGuarded, guardedLoad(1)),
      httpSubject(NEW, startGuarded, guardedLoad(MORE_THAN_REMEMBERED)),
      httpSubject("unprotected", () => startFloor("express-hello"), guardedLoad(1)),
      httpSubject("jsonwebtoken + jwks-rsa", startPlain, guardedLoad(1)),
      ...others.subjects,
    ],
    comparisons: [
      { subject: SEEN, against: "unprotected", by: "throughput", reach: 0.9 },
      { subject: NEW, against: "unprotected", by: "throughput", reach: 0.58 },
      { subject: SEEN, against: "jsonwebtoken + jwks-rsa", by: "throughput", reach: 2.3 },
      ...others.comparisonsOf(SEEN),
    ],
  }
}

async function startGuarded(bench: Bench): Promise<Server> {
  return startNode({ name: "guarded route", script: GUARDED, args: argumentsOf(await bench.keyServer()) })
}

async function startPlain(bench: Bench): Promise<Server> {
  return startFloor("jsonwebtoken-route", argumentsOf(await bench.keyServer()))
}

const argumentsOf = ({ issuer, audience, jwksUrl }: KeyServer) => [issuer, audience, jwksUrl]
