import { fileURLToPath } from "node:url"
import type { Bench } from "../bench.js"
import { CONNECTIONS } from "../connections.js"
import { startFloor } from "../floors/floor.js"
import { httpSubject, type Server } from "../http-subject.js"
import type { Workload } from "../load/workload.js"
import type { KeyServer } from "../parts/key-server.js"
import { startNode } from "../processes/start-node.js"
import type { Scenario, Subject } from "../scenario.js"

const GUARDED = fileURLToPath(new URL("../ours/guarded-route.js", import.meta.url))
// In a circle longer than the verifier's memory of 5000, so that each is forgotten when it comes again.
const MORE_THAN_REMEMBERED = 5_200

export const protectedRouteScenario = (): Scenario => ({
  name: "protected-route",
  title: "Protected route",
  unit: "req",
  subjects: [
    routeSubject("protected, token seen before", startGuarded, 1),
    routeSubject("protected, new token", startGuarded, MORE_THAN_REMEMBERED),
    routeSubject("unprotected", () => startFloor("express-hello"), 1),
    routeSubject("jsonwebtoken + jwks-rsa", startPlain, 1),
  ],
  comparisons: [
    { subject: "protected, token seen before", against: "unprotected", by: "throughput", reach: 0.9 },
    { subject: "protected, new token", against: "unprotected", by: "throughput", reach: 0.58 },
    {
      subject: "protected, token seen before",
      against: "jsonwebtoken + jwks-rsa",
      by: "throughput",
      reach: 2.3,
    },
  ],
})

/** All get the same request, so that reading its header is no difference. */
function routeSubject(name: string, start: (bench: Bench) => Promise<Server>, tokens: number): Subject {
  return {
    name,
    async start(bench) {
      const keys = await bench.keyServer()
      return httpSubject(name, start, async ({ url }) => routeLoad(url, keys, tokens)).start(bench)
    },
  }
}

const routeLoad = (url: string, { issueToken }: KeyServer, tokens: number): Workload => ({
  url: `${url}/`,
  method: "GET",
  headers: { Authorization: "Bearer {token}" },
  tokens: { kind: "cycle", values: Array.from({ length: tokens }, issueToken) },
  expect: 200,
  connections: CONNECTIONS.protectedRoute,
})

async function startGuarded(bench: Bench): Promise<Server> {
  return startNode({ name: "guarded route", script: GUARDED, args: argumentsOf(await bench.keyServer()) })
}

async function startPlain(bench: Bench): Promise<Server> {
  return startFloor("jsonwebtoken-route", argumentsOf(await bench.keyServer()))
}

const argumentsOf = ({ issuer, audience, jwksUrl }: KeyServer) => [issuer, audience, jwksUrl]
