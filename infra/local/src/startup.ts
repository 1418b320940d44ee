import { fileURLToPath } from "node:url"
import { type Child, keepRunning } from "./children/child.js"
import { openChildLog } from "./children/child-log.js"
import { startMigrator } from "./children/migrator.js"
import type { DataDir } from "./data-dir.js"
import type { ServiceDatabase } from "./database/database.js"
import { openEmbeddedDatabase } from "./database/embedded.js"
import { openExternalDatabase } from "./database/external.js"
import { fingerprintOf, isMigrated, noteMigrated } from "./database/migrated.js"
import { commonEnvironment, environmentOf } from "./environment.js"
import { type Gateway, openGateway } from "./gateway/gateway.js"
import { assertFree, freePort, keptPort } from "./ports.js"
import type { Household } from "./programs.js"
import { assertRedisListens } from "./redis.js"
import { examplesOf, type Settings } from "./settings.js"
import type { Parts } from "./shutdown.js"

export interface StartOptions {
  household: Household
  settings: Settings
  dataDir: DataDir
  env: NodeJS.ProcessEnv
  /** The last supervisor was killed, so its programs may be about to end just now. */
  afterKill: boolean
  /** Told in one line of what a person should know of while all runs. */
  onNews(line: string): void
  /** One of the programs crashes again and again. */
  onGivenUp(): void
}

export interface Started {
  publicUrl: string
  inboxUrl: string | undefined
  /** The auth service's admin API, on loopback. */
  adminUrl: string | undefined
  database: string
  databaseUrlOf(role: string): string
}

export interface Startup extends StartOptions {
  /** Each part is put in here before anything else can go wrong. */
  parts: Parts
  /** Aborted when all shall end, be it in the middle of the start. */
  halt: AbortSignal
}

const INBOX = fileURLToPath(new URL("./inbox/main.js", import.meta.url))
// An inbox whose supervisor was killed ends by itself within this time.
const INBOX_ENDS_MS = 1_500

/** Starts all parts; what needs nothing from each other starts at the same time. */
export async function startAll(startup: Startup): Promise<Started> {
  const { settings, parts, halt } = startup
  // What goes wrong most comes first, while nothing needs to be undone.
  const gateway = await claimPorts(startup)
  if (settings.REDIS_URL) await assertRedisListens(settings.REDIS_URL)
  halt.throwIfAborted()

  const smtpUrl = settings.SMTP_URL ?? (await startInbox(startup))
  parts.database = openDatabase(startup)
  const database = await parts.database
  halt.throwIfAborted()
  await migrate(startup, database)
  halt.throwIfAborted()

  const publicUrl = settings.PUBLIC_URL ?? `http://localhost:${gateway.port}`
  const adminPort = startup.env.AUTH_ADMIN_PORT || String(await keptPort(startup.dataDir.adminPort))
  const adminUrl = startup.household.invite && `http://127.0.0.1:${adminPort}`
  startPrograms(startup, { database, gatewayUrl: gateway.localUrl, publicUrl, smtpUrl, adminPort })
  await allReady(startup)
  const inboxUrl = parts.inbox && `http://localhost:${parts.inbox.port()}`
  return { publicUrl, inboxUrl, adminUrl, database: database.description, databaseUrlOf: database.urlOf }
}

async function claimPorts({ household, settings, parts, afterKill }: Startup): Promise<Gateway> {
  const portOf = (name: string) => parts.programs.find(({ program }) => program.name === name)?.child.port()
  const upstreams = household.programs.flatMap(({ name, paths }) =>
    paths ? [{ name, paths, port: () => portOf(name) }] : [],
  )
  parts.gateway = await openGateway({ host: settings.HOST, port: settings.PORT, upstreams })
  if (!settings.SMTP_URL) await assertFree("INBOX_PORT", settings.INBOX_PORT, afterKill ? INBOX_ENDS_MS : 0)
  return parts.gateway
}

async function startInbox(startup: Startup): Promise<string> {
  const { settings, dataDir, env, parts } = startup
  const port = await freePort()
  parts.inbox = startChild(startup, "inbox", INBOX, {
    ...commonEnvironment(env, dataDir),
    INBOX_PORT: String(settings.INBOX_PORT),
    INBOX_SMTP_PORT: String(port),
    INBOX_FOLDER: dataDir.inbox,
  })
  return `smtp://127.0.0.1:${port}`
}

function openDatabase({ household, settings, dataDir }: Startup): Promise<ServiceDatabase> {
  const { DATABASE_URL } = settings
  if (DATABASE_URL) return openExternalDatabase({ ...settings, DATABASE_URL })
  const roles = household.programs.map(({ role }) => role)
  return openEmbeddedDatabase(dataDir, roles)
}

async function migrate(startup: Startup, { builtIn, migrationUrl: url }: ServiceDatabase): Promise<void> {
  const { migrations } = startup.household
  const redisUrl = startup.settings.REDIS_URL
  const fingerprint = fingerprintOf(migrations, redisUrl !== undefined)
  if (builtIn && (await isMigrated(url, fingerprint, migrations))) return
  const migrator = startMigrator(migrations.script, commonEnvironment(startup.env, startup.dataDir))
  startup.parts.migrator = migrator
  await migrator.run({ url, redisUrl, examples: examplesOf(startup.settings) })
  if (builtIn) await noteMigrated(url, fingerprint)
}

function startPrograms(
  startup: Startup,
  found: {
    database: ServiceDatabase
    gatewayUrl: string
    publicUrl: string
    smtpUrl: string
    adminPort: string
  },
): void {
  for (const program of startup.household.programs) {
    const environment = environmentOf(program, startup.env, { ...startup, ...found })
    const child = startChild(startup, program.name, program.script, environment)
    startup.parts.programs.push({ program, child })
  }
}

function startChild(startup: Startup, name: string, script: string, env: NodeJS.ProcessEnv): Child {
  const { dataDir, onNews, onGivenUp } = startup
  const log = openChildLog(dataDir.logs, name, onNews)
  return keepRunning({ name, script, env, log, onCrash: onNews, onGivenUp })
}

async function allReady({ parts, halt }: Startup): Promise<void> {
  const children = parts.programs.map(({ child }) => child)
  if (parts.inbox) children.push(parts.inbox)
  const halted = new Promise<never>((_, reject) => {
    halt.addEventListener("abort", () => reject(halt.reason))
  })
  await Promise.race([Promise.all(children.map(({ ready }) => ready)), halted])
}
