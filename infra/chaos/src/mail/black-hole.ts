import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { type Backend, createMember, openSite, type Site } from "@gatepost/fleet"
import { createOutbox } from "@gatepost/mail-queue"
import { openDatabase } from "@gatepost/postgres"
import { createSealer } from "@gatepost/runtime"
import { say, scriptedSmtp } from "@gatepost/testkit"
import { CHAOS_SECRET, chaosMail } from "./chaos-mail.js"
import { createWorker } from "./pipeline.js"

export interface BlackHole {
  backend: Backend
  seconds: number
  /** Of sign-ups, in ms: with SMTP as it should be, and with one that answers nobody. */
  before: number[]
  during: number[]
  /** Answers but 201. */
  failures: number
  /** The most connections to PostgreSQL that the auth service held at once. */
  poolBefore: number
  poolDuring: number
  /** From SMTP's return until the last mail that had not expired was sent, in seconds. */
  drainedAfter: number
  waiting: number
  /** Mails that had expired while SMTP was away, and how many of them were sent. */
  expired: number
  expiredSent: number
}

const AUTH = fileURLToPath(new URL("../../../../services/auth/dist/main.js", import.meta.url))
const PAUSE_MS = 250
const BACKLOG = 2_000
const EXPIRING = 100
const POLL_MS = 100

/** People sign up while SMTP takes every connection and says nothing; then it is back. */
export async function measureBlackHole(backend: Backend, seconds: number): Promise<BlackHole> {
  const site = await openSite(backend)
  let hole = false
  const server = await scriptedSmtp({
    connect: (socket, mail) => (hole ? undefined : say("220 ready")(socket, mail)),
  })
  const worker = createWorker(site, "worker", server.url)
  const auth = createMember({ name: "auth", script: AUTH, env: authSettings(site) })
  const database = openDatabase({ url: site.databaseUrl(), applicationName: "chaos", poolSize: 1 })
  const outbox = createOutbox({
    sealer: createSealer(CHAOS_SECRET, "mail"),
    messageIdDomain: "chaos.example",
  })
  let port = 0
  auth.onMessage((message) => {
    if (message.type === "ready") port = Number(message.port)
  })
  let failures = 0
  let people = 0

  const signUp = async (): Promise<number> => {
    const started = performance.now()
    const response = await fetch(`http://127.0.0.1:${port}/v1/auth/register`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        email: `p${people++}@example.com`,
        password: "a fine long passphrase",
        name: "Pat",
      }),
    })
    await response.arrayBuffer()
    if (response.status !== 201) failures++
    return performance.now() - started
  }
  const signUps = async () => {
    const latencies: number[] = []
    let pool = 0
    for (const end = Date.now() + seconds * 1_000; Date.now() < end; ) {
      latencies.push(await signUp())
      pool = Math.max(pool, await poolSize(site))
      await sleep(PAUSE_MS)
    }
    return { latencies, pool }
  }
  const post = (count: number, expiresInSeconds: number, name: string) =>
    database.transaction(async (trx) => {
      for (let index = 0; index < count; index++) {
        await outbox.enqueue(trx, {
          ...chaosMail,
          recipient: `${name}-${index}@example.com`,
          expiresInSeconds,
        })
      }
    })

  try {
    await Promise.all([worker.start(), auth.start()])
    for (let warm = 0; warm < 10; warm++) await signUp()
    const before = await signUps()
    hole = true
    // Connections that are open and idle would still be served.
    server.hangUpAll()
    await post(BACKLOG, 3_600, "waiting")
    await post(EXPIRING, Math.max(1, seconds / 2), "expiring")
    const during = await signUps()
    const waiting = await count(site, "state not in ('sent', 'expired')")

    hole = false
    server.hangUpAll()
    const back = Date.now()
    while ((await count(site, "state not in ('sent', 'expired') and expires_at > now()")) > 0)
      await sleep(POLL_MS)
    return {
      backend,
      seconds,
      before: before.latencies,
      during: during.latencies,
      failures,
      poolBefore: before.pool,
      poolDuring: during.pool,
      drainedAfter: (Date.now() - back) / 1_000,
      waiting,
      expired: EXPIRING,
      expiredSent: server.bodies().filter((body) => /^To: expiring-/m.test(body)).length,
    }
  } finally {
    await Promise.all([worker.stop(), auth.stop()])
    await database.close()
    await server.close()
    await site.close()
  }
}

const authSettings = (site: Site): Record<string, string> => ({
  PORT: "0",
  HOST: "127.0.0.1",
  PUBLIC_URL: "http://localhost:8000",
  DATABASE_URL: site.databaseUrl("gatepost_auth"),
  RATE_LIMITS: "off",
  LOG_LEVEL: "silent",
  SHUTDOWN_DRAIN_SECONDS: "0",
  MAIL_ENCRYPTION_SECRET: CHAOS_SECRET,
  ...Object.fromEntries(
    [
      "KEY_ENCRYPTION_SECRET",
      "REFRESH_TOKEN_SECRET",
      "IDEMPOTENCY_SECRET",
      "COOKIE_SECRET",
      "SERVICE_CLIENT_SECRET",
    ].map((name) => [name, `${CHAOS_SECRET}: ${name}`]),
  ),
})

const poolSize = (site: Site) => countOf(site, "pg_stat_activity where usename = 'gatepost_auth'")

const count = (site: Site, which: string) => countOf(site, `mail.messages where ${which}`)

async function countOf(site: Site, from: string): Promise<number> {
  const [row] = await site.query<{ count: number }>(`select count(*)::integer as count from ${from}`)
  return row?.count ?? 0
}
