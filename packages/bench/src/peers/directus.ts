import { writeFileSync } from "node:fs"
import path from "node:path"
import { freePort } from "@gatepost/local"
import { call } from "../call.js"
import { CONNECTIONS } from "../connections.js"
import type { Server } from "../http-subject.js"
import { startNode } from "../processes/start-node.js"
import { installPackages, rebuildPackage } from "./install-packages.js"
import type { Peer } from "./peer.js"

const CREDENTIALS = { email: "someone@example.com", password: "correct horse battery staple" }

// It has no readiness message of its own that names a port.
const PROGRAM = `
import { spawnSync } from "node:child_process"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"

const cli = fileURLToPath(new URL("node_modules/directus/cli.js", import.meta.url))
const made = spawnSync(process.execPath, [cli, "bootstrap"], { encoding: "utf8" })
if (made.status !== 0) throw new Error(made.stdout + made.stderr)

process.argv.push("start")
await import(cli)
const port = Number(process.env.PORT)
const answers = () => fetch("http://127.0.0.1:" + port + "/server/ping").then((it) => it.ok, () => false)
while (!(await answers())) await sleep(100)
process.send({ type: "ready", port })
process.on("disconnect", () => process.exit())
`

const settingsOf = (databaseUrl: string, port: number): Record<string, string> => ({
  NODE_ENV: "production",
  HOST: "127.0.0.1",
  PORT: String(port),
  PUBLIC_URL: `http://127.0.0.1:${port}`,
  DB_CLIENT: "pg",
  DB_CONNECTION_STRING: databaseUrl,
  SECRET: "a secret of the bench, long enough for it",
  ADMIN_EMAIL: CREDENTIALS.email,
  ADMIN_PASSWORD: CREDENTIALS.password,
  // Our hash's cost; its own is three times as much memory, on four lanes.
  HASH_MEMORY_COST: "19456",
  HASH_TIME_COST: "2",
  HASH_PARALLELISM: "1",
  // It answers a sign-in after half a second at the earliest; the figure would be that of the pause.
  LOGIN_STALL_TIME: "0",
  RATE_LIMITER_ENABLED: "false",
  PRESSURE_LIMITER_ENABLED: "false",
  CACHE_ENABLED: "false",
  TELEMETRY: "false",
  LOG_LEVEL: "warn",
})

export const directus: Peer = {
  name: "directus",
  note: "12.2.0 on Node 22, with our cost of argon2id and without its pause of half a second after a sign-in.",

  // It needs a newer Node than we do. Of its native parts only isolated-vm must be built, for that Node.
  async install(cacheDir) {
    await installPackages(nodeFolder(cacheDir), ["node@22.23.3"], { scripts: true })
    await installPackages(cacheDir, ["directus@12.2.0", "pg@8.23.1"])
    await rebuildPackage(cacheDir, "isolated-vm", nodeFolder(cacheDir))
  },

  async start({ cacheDir, createDatabase }) {
    const script = path.join(cacheDir, "server.mjs")
    writeFileSync(script, PROGRAM)
    const server = await startNode({
      name: "directus",
      script,
      cwd: cacheDir,
      node: path.join(nodeFolder(cacheDir), "node_modules/node/bin/node"),
      env: settingsOf(await createDatabase(), await freePort()),
    })
    await liftLoginAttempts(server)
    return server
  },

  scenarios: {
    signIn: async ({ url }) => ({
      url: `${url}/auth/login`,
      method: "POST",
      body: JSON.stringify(CREDENTIALS),
      expect: 200,
      connections: CONNECTIONS.signIn,
    }),
    refresh: async (server) => {
      const sessions = await Promise.all(Array.from({ length: CONNECTIONS.refresh }, () => signIn(server)))
      return {
        url: `${server.url}/auth/refresh`,
        method: "POST",
        body: JSON.stringify({ refresh_token: "{token}", mode: "json" }),
        tokens: {
          kind: "chain",
          values: sessions.map(({ refresh_token }) => refresh_token),
          member: "data.refresh_token",
        },
        expect: 200,
        connections: CONNECTIONS.refresh,
      }
    },
    me: async (server) => {
      const { access_token } = await signIn(server)
      return {
        url: `${server.url}/users/me`,
        method: "GET",
        headers: { Authorization: `Bearer ${access_token}` },
        expect: 200,
        contains: CREDENTIALS.email,
        connections: CONNECTIONS.me,
      }
    },
  },
}

const nodeFolder = (cacheDir: string) => path.join(cacheDir, "node")

/** It suspends an account with more than 25 sign-ins in flight; a limit as those that are off. */
async function liftLoginAttempts(server: Server): Promise<void> {
  const { access_token } = await signIn(server)
  const headers = { Authorization: `Bearer ${access_token}` }
  await call(`${server.url}/settings`, { method: "PATCH", headers, body: { auth_login_attempts: null } })
}

async function signIn({ url }: Server) {
  const { json } = await call(`${url}/auth/login`, { body: CREDENTIALS })
  return json.data as { access_token: string; refresh_token: string }
}
