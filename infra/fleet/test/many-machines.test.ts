import assert from "node:assert/strict"
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { type Fleet, type ReplicatedPostgres, type SentinelRedis, startFleet } from "@gatepost/fleet"
import { migrate } from "@gatepost/postgres"
import { until } from "@gatepost/testkit"
import { type Crowd, startCrowd } from "./support/crowd.js"

const SERVICES = fileURLToPath(new URL("../../../services/", import.meta.url))
const SETTINGS = {
  RATE_LIMITS: "off",
  ARGON2_MEMORY_KIB: "1024",
  ARGON2_PASSES: "1",
  SHUTDOWN_DRAIN_SECONDS: "1",
}
// docs/operations/many-machines.md: DB_POOL_SIZE, and what listens.
const BUDGET: Record<string, number> = {
  gatepost_auth: 10 + 5,
  gatepost_notifications: 10 + 1,
  gatepost_mail: 10 + 1,
  gatepost_social_battery: 10,
}
// Of a worker: those of two lanes, two for each of its ten connections.
const IN_HAND = 40
const SETTLE_MS = 90_000

describe("two processes of each service, a PostgreSQL with a standby, and a Redis with Sentinels", function () {
  this.timeout(300_000)
  let fleet: Fleet
  let postgres: ReplicatedPostgres
  let redis: SentinelRedis
  let crowd: Crowd

  before(async () => {
    fleet = await startFleet({
      backend: "redis",
      copies: 2,
      topology: ["standby", "sentinel"],
      settings: SETTINGS,
    })
    postgres = fleet.site.replicated as ReplicatedPostgres
    redis = fleet.site.sentinel as SentinelRedis
    await ready()
  })
  afterEach(() => crowd?.stop())
  after(() => fleet?.stop())

  const ready = () =>
    until("everybody is ready", async () => (await fetch(`${fleet.url}/readyz`)).ok, SETTLE_MS)
  const answered = (what: string, status: number, since = 0) =>
    until(
      `${what}: ${status}`,
      () =>
        crowd.answers.some((answer) => answer.what === what && answer.status === status && answer.at > since),
      SETTLE_MS,
    )
  const statusesSince = (time: number) => [
    ...new Set(crowd.answers.filter(({ at }) => at > time).map(({ status }) => status)),
  ]
  const assertKept = async () => {
    const kept = await fleet.site.query<{ email: string }>("select email from auth.accounts")
    const emails = new Set(kept.map(({ email }) => email))
    assert.deepEqual(
      crowd.acknowledged().filter((email) => !emails.has(email)),
      [],
    )
  }

  // R13. There is no release yet: version n+1 is the same code on a schema that is a step ahead.
  it("are replaced one after the other over a newer schema, and nobody is refused", async () => {
    crowd = startCrowd(fleet, 2, "all")
    await answered("look into the inbox", 200)
    await migrateOneStepFurther(fleet.site.directUrl())
    const replaced = fleet.members.filter(({ name }) => !name.startsWith("social-battery"))
    for (const member of replaced) await fleet.replace(member)
    await answered("look into the inbox", 200, Date.now())
    await crowd.stop()
    report(`rolling deploy: ${replaced.length} processes replaced under ${crowd.answers.length} requests`)
    assert.deepEqual(
      crowd.answers.filter(({ status }) => status < 200 || status > 299),
      [],
    )
  })

  it("hold no more connections than docs/operations/many-machines.md says", async () => {
    crowd = startCrowd(fleet, 12, "all")
    await answered("look into the inbox", 200)
    await sleep(2_000)
    const held = await fleet.site.query<{ role: string; count: number }>(
      `select usename as role, count(*)::integer as count from pg_stat_activity
       where usename like 'gatepost%' group by usename`,
    )
    await crowd.stop()
    report(`connections: ${held.map(({ role, count }) => `${role} ${count}`).join(", ")}`)
    for (const { role, count } of held) assert.ok(count <= 2 * (BUDGET[role] ?? 0), `${role} holds ${count}`)
  })

  // R5
  it("lose and double no mail when Redis fails over", async () => {
    crowd = startCrowd(fleet, 3, "sign up")
    await answered("sign up", 201)
    await sleep(1_000)
    const killed = Date.now()
    await redis.killPrimary()
    await redis.failedOver()
    const failedOver = Date.now()
    await answered("sign up", 201, failedOver)
    await sleep(1_000)
    await crowd.stop()
    assert.deepEqual(statusesSince(0), [201], "no request notices")

    const unsent = () =>
      fleet.site.query(
        "select 1 from mail.messages where state <> 'sent' and created_at > now() - interval '5 minutes'",
      )
    await until("every mail is sent", async () => (await unsent()).length === 0, SETTLE_MS)
    const received = await receivedBy(fleet, crowd.acknowledged())
    const doubled = received.filter((count) => count > 1).length
    report(
      `Redis: another primary after ${failedOver - killed} ms, the last mail ${Date.now() - failedOver} ms later; ` +
        `${received.length} mails, ${received.filter((count) => count === 0).length} lost, ${doubled} doubled`,
    )
    assert.ok(!received.includes(0), "a mail was lost")
    assert.ok(doubled <= IN_HAND, `${doubled} were doubled`)
    await redis.revive()
  })

  // R4
  it("write again when PostgreSQL failed over, and have lost nothing", async () => {
    crowd = startCrowd(fleet, 3, "sign up")
    await answered("sign up", 201)
    const killed = Date.now()
    await postgres.killPrimary()
    await answered("sign up", 503, killed)
    await postgres.promote()
    const promoted = Date.now()
    await answered("sign up", 201, promoted)
    const back = Date.now()
    await crowd.stop()
    report(`PostgreSQL: written again ${back - promoted} ms after the promotion`)
    // Never a 500 or a success that was none; nginx's own 502 comes while no process is ready.
    for (const status of statusesSince(0)) assert.ok([201, 503].includes(status), `${status}`)
    await assertKept()
    await postgres.rejoin()
    await ready()
  })

  // R4: 25006
  it("refuse with 503 what a server that takes no writes refuses, and find the primary again", async () => {
    crowd = startCrowd(fleet, 3, "sign up")
    await answered("sign up", 201)
    postgres.pointTo(postgres.standby() ?? assert.fail("there is no standby"))
    const pointed = Date.now()
    await answered("sign up", 503, pointed)
    await sleep(1_000)
    postgres.pointTo(postgres.primary())
    await answered("sign up", 201, Date.now())
    await crowd.stop()
    for (const status of statusesSince(0)) assert.ok([201, 503].includes(status), `${status}`)
    await assertKept()
  })
})

/** What the next release may do beside the one that runs: it adds. */
async function migrateOneStepFurther(url: string): Promise<void> {
  for (const [service, table] of [
    ["auth", "accounts"],
    ["notifications", "messages"],
  ] as const) {
    const directory = mkdtempSync(path.join(tmpdir(), "gatepost-next-"))
    cpSync(path.join(SERVICES, service, "migrations"), directory, { recursive: true })
    const step = `alter table ${service}.${table} add column next_release text;
      create table ${service}.next_release (id bigint primary key);`
    writeFileSync(path.join(directory, "9999_next_release.up.sql"), step)
    const { applied } = await migrate({ url, schema: service, directory, role: `gatepost_${service}` })
    assert.deepEqual(applied, ["9999_next_release"])
    rmSync(directory, { recursive: true, force: true })
  }
}

/** How many mails came to each address. */
async function receivedBy({ inboxUrl }: Fleet, emails: string[]): Promise<number[]> {
  const response = await fetch(new URL("/api/email", inboxUrl))
  const mails = (await response.json()) as { to: { address: string }[] }[]
  const counts = new Map(emails.map((email) => [email, 0]))
  for (const { address } of mails.flatMap(({ to }) => to)) {
    const count = counts.get(address)
    if (count !== undefined) counts.set(address, count + 1)
  }
  return [...counts.values()]
}

const report = (figures: string) => console.log(`      ${figures}`)
