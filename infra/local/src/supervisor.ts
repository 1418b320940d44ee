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
import { openGateway } from "./gateway/gateway.js"
import { assertFree, freePort } from "./ports.js"
import type { Household } from "./programs.js"
import type { Settings } from "./settings.js"
import { killAll, type Parts, stopInOrder } from "./shutdown.js"

export interface SupervisorOptions {
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
  database: string
}

export interface Supervisor {
  /** @throws StartError; call `stop` then, since some parts may run */
  start(): Promise<Started>
  /** Ends everything in order, by force after four seconds; also in the middle of a start. */
  stop(): Promise<void>
  /** Ends everything at once. */
  kill(): Promise<void>
}

const INBOX_ENDS_MS = 1_500
const INBOX = fileURLToPath(new URL("./inbox/main.js", import.meta.url))

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { household, settings, dataDir, env } = options
  const parts: Parts = { programs: [] }
  const halt = new AbortController()
  const common = commonEnvironment(env, dataDir)

  const run = (name: string, script: string, environment: NodeJS.ProcessEnv): Child => {
    const log = openChildLog(dataDir.logs, name, options.onNews)
    return keepRunning({
      name,
      script,
      env: environment,
      log,
      onCrash: options.onNews,
      onGivenUp: options.onGivenUp,
    })
  }

  async function start(): Promise<Started> {
    // The ports come first: they are what goes wrong most, and nothing needs to be undone then.
    const upstreams = household.programs.flatMap(({ name, paths }) =>
      paths ? [{ name, paths, port: () => portOf(name) }] : [],
    )
    const gateway = await openGateway({ host: settings.HOST, port: settings.PORT, upstreams })
    parts.gateway = gateway
    if (!settings.SMTP_URL)
      await assertFree("INBOX_PORT", settings.INBOX_PORT, options.afterKill ? INBOX_ENDS_MS : 0)
    halt.signal.throwIfAborted()

    const smtpUrl = settings.SMTP_URL ?? (await startInbox())
    parts.database = openDatabase()
    const database = await parts.database
    halt.signal.throwIfAborted()
    await migrate(database)
    halt.signal.throwIfAborted()

    const publicUrl = settings.PUBLIC_URL ?? `http://localhost:${gateway.port}`
    const surroundings = { settings, dataDir, database, gatewayUrl: gateway.localUrl, publicUrl, smtpUrl }
    for (const program of household.programs) {
      const child = run(program.name, program.script, environmentOf(program, env, surroundings))
      parts.programs.push({ program, child })
    }
    await allReady()
    const inboxUrl = parts.inbox && `http://localhost:${parts.inbox.port()}`
    return { publicUrl, inboxUrl, database: database.description }
  }

  async function startInbox(): Promise<string> {
    const port = await freePort()
    parts.inbox = run("inbox", INBOX, {
      ...common,
      INBOX_PORT: String(settings.INBOX_PORT),
      INBOX_SMTP_PORT: String(port),
      INBOX_FOLDER: dataDir.inbox,
    })
    return `smtp://127.0.0.1:${port}`
  }

  function openDatabase(): Promise<ServiceDatabase> {
    const { DATABASE_URL } = settings
    if (DATABASE_URL) return openExternalDatabase({ ...settings, DATABASE_URL })
    return openEmbeddedDatabase(
      dataDir,
      household.programs.map(({ role }) => role),
    )
  }

  async function migrate({ builtIn, migrationUrl: url }: ServiceDatabase): Promise<void> {
    const fingerprint = fingerprintOf(household.migrations, settings.REDIS_URL !== undefined)
    if (builtIn && (await isMigrated(url, fingerprint, household.migrations))) return
    const migrator = startMigrator(household.migrations.script, common)
    parts.migrator = migrator
    await migrator.run({ url, redisUrl: settings.REDIS_URL })
    if (builtIn) await noteMigrated(url, fingerprint)
  }

  async function allReady(): Promise<void> {
    const children = parts.programs.map(({ child }) => child)
    if (parts.inbox) children.push(parts.inbox)
    const halted = new Promise<never>((_, reject) => {
      halt.signal.addEventListener("abort", () => reject(halt.signal.reason))
    })
    await Promise.race([Promise.all(children.map(({ ready }) => ready)), halted])
  }

  const portOf = (name: string) => parts.programs.find(({ program }) => program.name === name)?.child.port()

  return {
    start,
    async stop() {
      halt.abort()
      await stopInOrder(parts)
    },
    async kill() {
      halt.abort()
      await killAll(parts)
    },
  }
}
