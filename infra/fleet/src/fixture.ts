// `node infra/fleet/dist/fixture.js <version>`, once for each release: keeps its database as its own services filled it,
// for the tests that bring it to the newest schema.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { asPostgres } from "@gatepost/testkit"
import { startFleet } from "./fleet.js"

type Json = Record<string, unknown>

const FOLDER = fileURLToPath(new URL("../fixtures/", import.meta.url))
const PASSWORD = "a fine long passphrase"
const SETTLE_MS = 3_000

const version = process.argv[2]
if (!version || !/^\d+\.\d+\.\d+$/.test(version)) {
  process.stderr.write("usage: node infra/fleet/dist/fixture.js <version>\n")
  process.exit(2)
}

// Debian's, since a dump is by the tools of the server's own version.
const fleet = await startFleet({
  backend: "postgres",
  copies: 1,
  topology: ["standby"],
  settings: { RATE_LIMITS: "off" },
})
try {
  const kept = await fill()
  await sleep(SETTLE_MS)
  const file = `/tmp/gatepost-fixture-${process.pid}.sql`
  const url = fleet.site.directUrl()
  await asPostgres("pg_dump", ["--no-owner", "--inserts", "--rows-per-insert=100", "-f", file, url])
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(`${FOLDER}${version}.sql.gz`, gzipSync(readFileSync(file), { level: 9 }))
  rmSync(file)
  writeFileSync(
    `${FOLDER}${version}.json`,
    `${JSON.stringify({ ...kept, secrets: fleet.secrets }, null, 2)}\n`,
  )
} finally {
  await fleet.stop()
}

/** Some data of each kind, by what a user and a backend may call. */
async function fill() {
  const form = new URLSearchParams({ grant_type: "client_credentials", scope: "notifications:write" })
  const basic = Buffer.from(`backend:${fleet.serviceClientSecret}`).toString("base64")
  const { access_token: service } = await call(
    "POST",
    "/oidc/token",
    { authorization: `Basic ${basic}` },
    form,
  )
  const people: { email: string; refreshToken: string; id: string; token: string }[] = []
  for (const name of ["ada", "grace", "mary"]) {
    const email = `${name}@example.com`
    await call("POST", "/v1/auth/register", {}, { email, password: PASSWORD })
    const session = await call("POST", "/v1/auth/login", {}, { email, password: PASSWORD })
    const user = session.user as Json
    people.push({
      email,
      refreshToken: String(session.refresh_token),
      token: String(session.access_token),
      id: String(user.id),
    })
  }
  for (const { id, token, email } of people) {
    const as = { authorization: `Bearer ${token}` }
    const backend = { authorization: `Bearer ${service}` }
    await call("POST", "/v1/notifications", backend, {
      user_id: id,
      title: "Hello",
      body: "Your gate is open.",
    })
    await call("PUT", "/users/me", as, { name: email.split("@")[0] })
    await call("POST", `/social-battery/${id}/record`, as, { interaction_type: "tea", energy_change: 5 })
    await call("POST", "/v1/auth/forgot-password", {}, { email })
  }
  const [first] = people
  await call("POST", "/v1/notifications/mark-all-read", { authorization: `Bearer ${first?.token}` })
  return {
    dumpedAt: new Date().toISOString(),
    password: PASSWORD,
    people: people.map(({ email, refreshToken }) => ({ email, refreshToken })),
  }
}

async function call(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: Json | URLSearchParams,
): Promise<Json> {
  const isForm = body instanceof URLSearchParams
  const response = await fetch(`${fleet.url}${path}`, {
    method,
    headers: { ...headers, ...(body && !isForm && { "Content-Type": "application/json" }) },
    ...(body && { body: isForm ? body : JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Json
}
