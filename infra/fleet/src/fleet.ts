import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { gatepost, type Program, type SecretName, withExamples } from "@gatepost/local"
import { freePort } from "@gatepost/testkit"
import { createMember, type Member } from "./member.js"
import { startNginx } from "./nginx.js"
import { type Backend, openSite, type Site, type Topology } from "./site.js"

export interface FleetOptions {
  /** Of the mail queues; with Redis the rate limits count there, too. */
  backend: Backend
  /** Processes of each service. */
  copies: number
  /** What stands where a single server would; by itself nothing does. */
  topology?: readonly Topology[]
  /** Settings for all of them, before any that it chooses itself. */
  settings?: Record<string, string>
  /** What they stand on, closed with the fleet; one of its own by itself. */
  site?: Site
  /** The example services to start as well: all of them by themselves. */
  examples?: readonly "social-battery"[]
}

/** All of Gatepost, reached through nginx alone. */
export interface Fleet {
  url: string
  inboxUrl: string
  serviceClientSecret: string
  /** All of them, by their setting's name. */
  secrets: Record<SecretName, string>
  site: Site
  /** The processes of the services. */
  members: Member[]
  /** A new process in its place, as a rolling deploy does it: no more requests to it, a stop, a start, ready, and back. */
  replace(member: Member): Promise<void>
  stop(): Promise<void>
}

const INBOX = fileURLToPath(new URL("../../local/dist/inbox/main.js", import.meta.url))
const READY_ATTEMPTS = 300
const READY_INTERVAL_MS = 100

/** Starts PostgreSQL, Redis where it is wanted, the dev inbox, every service and nginx, all on free ports. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { backend, copies, topology, settings = {} } = options
  const { programs } = withExamples(gatepost, options.examples ?? ["social-battery"])
  const [port, inboxPort, maildevPort, smtpPort] = await Promise.all(range(4).map(freePort))
  const url = `http://localhost:${port}`
  const inboxUrl = `http://localhost:${inboxPort}`
  const secrets = createSecrets(programs)
  const site = options.site ?? (await openSite(backend, topology))
  const inboxFolder = mkdtempSync(path.join(tmpdir(), "gatepost-inbox-"))
  const inbox = createMember({
    name: "inbox",
    script: INBOX,
    quiet: true,
    env: {
      INBOX_PORT: String(maildevPort),
      INBOX_SMTP_PORT: String(smtpPort),
      INBOX_FOLDER: inboxFolder,
    },
  })
  const common = {
    ...site.settings,
    PUBLIC_URL: url,
    JWKS_URL: `${url}/.well-known/jwks.json`,
    NOTIFICATIONS_URL: url,
    SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
    METRICS_PORT: "0",
    HOST: "127.0.0.1",
    TRUSTED_PROXY_HOPS: "1",
    SHUTDOWN_DRAIN_SECONDS: "0",
    LOG_LEVEL: process.env.FLEET_LOG_LEVEL ?? "silent",
    ...settings,
  }
  const staffed = await Promise.all(
    programs.map(async (program) => ({ program, ports: await Promise.all(range(copies).map(freePort)) })),
  )
  const portOf = new Map<Member, number>()
  const members = staffed.flatMap(({ program, ports }) =>
    ports.map((each, index) => {
      const member = createMember({
        name: `${program.name} ${index + 1}`,
        script: program.script,
        env: { ...program.defaults, ...common, ...own(program, site, secrets), PORT: String(each) },
      })
      // The worker serves nobody.
      if (program.paths) portOf.set(member, each)
      return member
    }),
  )
  const nginx = startNginx({
    port: port ?? 0,
    inboxPort: inboxPort ?? 0,
    maildevPort: maildevPort ?? 0,
    services: Object.fromEntries(
      staffed.flatMap(({ program, ports }) => (program.paths ? [[program.name, ports]] : [])),
    ),
  })

  async function replace(member: Member): Promise<void> {
    const own = portOf.get(member)
    if (own) await nginx.leaveOut([own])
    await member.stop()
    await member.start()
    if (!own) return
    await untilAnswered(`http://127.0.0.1:${own}/readyz`)
    await nginx.leaveOut([])
  }

  async function stop(): Promise<void> {
    await Promise.all([...members, inbox].map((member) => member.stop()))
    await nginx.stop()
    await site.close()
    rmSync(inboxFolder, { recursive: true, force: true })
  }
  try {
    const starts = Promise.all([...members, inbox].map((member) => member.start()))
    await Promise.race([starts, tooLate()])
    await untilAnswered(`${url}/livez`)
    // Some need each other's keys, by way of nginx.
    await Promise.all([...portOf.values()].map((each) => untilAnswered(`http://127.0.0.1:${each}/readyz`)))
  } catch (cause) {
    await stop()
    throw cause
  }
  return {
    url,
    inboxUrl,
    serviceClientSecret: secrets.SERVICE_CLIENT_SECRET,
    secrets,
    site,
    members,
    replace,
    stop,
  }
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

function createSecrets(programs: readonly Program[]): Record<SecretName, string> {
  const names = programs.flatMap(({ secrets }) => secrets)
  const entries = names.map((name) => [name, randomBytes(32).toString("base64url")])
  return Object.fromEntries(entries) as Record<SecretName, string>
}

const own = (program: Program, site: Site, secrets: Record<SecretName, string>) => ({
  ...Object.fromEntries(program.secrets.map((name) => [name, secrets[name]])),
  DATABASE_URL: site.databaseUrl(program.role),
  DATABASE_DIRECT_URL: site.directUrl(program.role),
})

/** A program that can't start is started again and again, which its own message explains. */
async function tooLate(): Promise<never> {
  await sleep(READY_ATTEMPTS * READY_INTERVAL_MS, undefined, { ref: false })
  throw new Error("some programs do not get ready")
}

async function untilAnswered(url: string): Promise<void> {
  for (let attempt = 0; attempt < READY_ATTEMPTS; attempt++) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
    await sleep(READY_INTERVAL_MS)
  }
  throw new Error(`nothing answers at ${url}`)
}
