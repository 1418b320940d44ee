import { writeFileSync } from "node:fs"
import path from "node:path"
import { call } from "../call.js"
import { CONNECTIONS } from "../connections.js"
import type { Server } from "../http-subject.js"
import { startNode } from "../processes/start-node.js"
import { installPackages } from "./install-packages.js"
import type { Peer } from "./peer.js"

// A browser's origin, which it asks for.
const ORIGIN = { Origin: "http://app.localhost" }
const CREDENTIALS = { email: "someone@example.com", password: "correct horse battery staple" }

// On Node's own HTTP server, without Express: as fast as it goes. Its password hash is its default, scrypt.
const PROGRAM = `
import { createServer } from "node:http"
import { betterAuth } from "better-auth"
import { getMigrations } from "better-auth/db/migration"
import { toNodeHandler } from "better-auth/node"
import { jwt } from "better-auth/plugins/jwt"
import pg from "pg"

const options = {
  baseURL: "http://127.0.0.1",
  trustedOrigins: ["${ORIGIN.Origin}"],
  secret: "a secret of the bench, long enough for it",
  database: new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 }),
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { level: "warn" },
  session: { updateAge: 0 },
  plugins: [jwt({ jwks: { keyPairConfig: { alg: "RS256", modulusLength: 2048 } } })],
}
const { runMigrations } = await getMigrations(options)
await runMigrations()
const server = createServer(toNodeHandler(betterAuth(options)))
server.listen(0, "127.0.0.1", () => process.send({ type: "ready", port: server.address().port }))
process.on("disconnect", () => process.exit())
`

export const betterAuth: Peer = {
  name: "better-auth",
  note:
    "1.7.7 on Node's own HTTP server, with its default password hash (scrypt). It has no refresh tokens; measured " +
    "instead is `/token`, which moves the session's end in the database and signs a fresh RS256 token.",

  install: (cacheDir) => installPackages(cacheDir, ["better-auth@1.7.7", "pg@8.23.1"]),

  async start({ cacheDir, createDatabase }) {
    const script = path.join(cacheDir, "server.mjs")
    writeFileSync(script, PROGRAM)
    const server = await startNode({
      name: "better-auth",
      script,
      env: { DATABASE_URL: await createDatabase(), NODE_ENV: "production" },
    })
    await call(`${server.url}/api/auth/sign-up/email`, {
      headers: ORIGIN,
      body: { ...CREDENTIALS, name: "Someone" },
    })
    return server
  },

  scenarios: {
    signIn: async ({ url }) => ({
      url: `${url}/api/auth/sign-in/email`,
      method: "POST",
      headers: ORIGIN,
      body: JSON.stringify(CREDENTIALS),
      expect: 200,
      connections: CONNECTIONS.signIn,
    }),
    refresh: async (server) => ({
      url: `${server.url}/api/auth/token`,
      method: "GET",
      headers: { ...ORIGIN, Cookie: await signIn(server) },
      expect: 200,
      connections: CONNECTIONS.refresh,
    }),
    me: async (server) => ({
      url: `${server.url}/api/auth/get-session?disableRefresh=true`,
      method: "GET",
      headers: { ...ORIGIN, Cookie: await signIn(server) },
      expect: 200,
      contains: CREDENTIALS.email,
      connections: CONNECTIONS.me,
    }),
  },
}

async function signIn({ url }: Server): Promise<string> {
  const { cookies } = await call(`${url}/api/auth/sign-in/email`, { headers: ORIGIN, body: CREDENTIALS })
  return cookies.join("; ")
}
