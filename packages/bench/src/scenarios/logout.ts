import { fileURLToPath } from "node:url"
import type { Bench } from "../bench.js"
import type { Server } from "../http-subject.js"
import { measureLogouts } from "../logout-subject.js"
import { loads, signIn, startAuthService } from "../ours/auth-service.js"
import { AUDIENCE, ISSUER, SERVICE_CLIENT_SECRET } from "../ours/settings.js"
import { startNode } from "../processes/start-node.js"
import type { RunningSubject, Scenario } from "../scenario.js"

const RESOURCE_SERVER = fileURLToPath(new URL("../ours/resource-server.js", import.meta.url))
const RESOURCE_SERVERS = 5
// 210 in a slot of the full pace.
const LOGOUTS_PER_SLOT_SECOND = 70
const REFUSED = "logout, until all of five resource servers refuse"

export const logoutScenario = (): Scenario => ({
  name: "logout",
  title: "Logout",
  unit: "logouts",
  subjects: [{ name: REFUSED, start }],
  comparisons: [],
  limits: [{ subject: REFUSED, by: "p99", most: 1_000 }],
})

async function start(bench: Bench): Promise<RunningSubject> {
  const auth = await startAuthService(bench, "logout")
  bench.onClose(auth.stop)
  const starting = Array.from({ length: RESOURCE_SERVERS }, () => startResourceServer(bench, auth))
  const resourceServers = await Promise.all(starting)
  const generator = await bench.generator()
  const stage = {
    ...{ auth, resourceServers },
    signIn: async () => (await signIn(auth.url)).accessToken,
    load: await generator.prepare(await loads.refresh(auth, bench)),
  }
  return {
    measure: (seconds) => measureLogouts(stage, Math.ceil(seconds * LOGOUTS_PER_SLOT_SECOND)),
    async stop() {
      await Promise.all([auth, ...resourceServers].map((server) => server.stop()))
    },
  }
}

async function startResourceServer(bench: Bench, { url }: Server): Promise<Server> {
  const server = await startNode({
    name: "resource server",
    script: RESOURCE_SERVER,
    args: [ISSUER, AUDIENCE, url, SERVICE_CLIENT_SECRET],
  })
  bench.onClose(server.stop)
  return server
}
