import { fileURLToPath } from "node:url"
import type { Bench } from "../bench.js"
import { call } from "../call.js"
import { CONNECTIONS } from "../connections.js"
import type { PrepareLoad, Server } from "../http-subject.js"
import { startNode } from "../processes/start-node.js"
import { authSettings } from "./settings.js"

const SCRIPT = fileURLToPath(new URL("../../../../services/auth/dist/main.js", import.meta.url))
// The app of who names none.
const APP = "jobswipe"
/** Of the one account that there is. */
export const CREDENTIALS = { email: "someone@example.com", password: "correct horse battery staple" }

/** Starts the auth service on a database of its own, with one account in it. */
export async function startAuthService(bench: Bench, database: string): Promise<Server> {
  const postgres = await bench.postgres()
  const { urlOf } = await postgres.createOurDatabase(database)
  const server = await startAuthOn(urlOf("gatepost_auth"))
  await call(`${server.url}/v1/auth/register`, { body: CREDENTIALS })
  return server
}

/** Starts the auth service on a database that there is. */
export const startAuthOn = (databaseUrl: string): Promise<Server> =>
  startNode({ name: "auth service", script: SCRIPT, env: authSettings(databaseUrl) })

// A session for each connection; every request presents the token that the last one returned.
const refresh: PrepareLoad = async ({ url }) => {
  const sessions = await Promise.all(Array.from({ length: CONNECTIONS.refresh }, () => signIn(url)))
  return {
    url: `${url}/v1/auth/refresh`,
    method: "POST",
    body: JSON.stringify({ refresh_token: "{token}" }),
    tokens: { kind: "chain", values: sessions.map((each) => each.refreshToken), member: "refresh_token" },
    expect: 200,
    connections: CONNECTIONS.refresh,
  }
}

/** The requests of the service that are measured. */
export const loads = {
  signIn: async ({ url }) => ({
    url: `${url}/v1/auth/login`,
    method: "POST",
    body: JSON.stringify(CREDENTIALS),
    expect: 200,
    connections: CONNECTIONS.signIn,
  }),

  refresh,

  /** The same sessions at the standard token endpoint (DESIGN.md D4). */
  oidcRefresh: async (server, bench) => ({
    ...(await refresh(server, bench)),
    url: `${server.url}/oidc/token`,
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: `grant_type=refresh_token&client_id=${APP}&refresh_token={token}`,
  }),

  me: async ({ url }) => {
    const { accessToken } = await signIn(url)
    return {
      url: `${url}/v1/auth/me`,
      method: "GET",
      headers: { Authorization: `Bearer ${accessToken}` },
      expect: 200,
      contains: CREDENTIALS.email,
      connections: CONNECTIONS.me,
    }
  },
} satisfies Record<string, PrepareLoad>

/** Signs the account in. */
export async function signIn(url: string): Promise<{ accessToken: string; refreshToken: string }> {
  const { json } = await call(`${url}/v1/auth/login`, { body: CREDENTIALS })
  return { accessToken: String(json.access_token), refreshToken: String(json.refresh_token) }
}
