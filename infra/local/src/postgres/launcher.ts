import { chmodSync, chownSync, closeSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { waitForLock } from "../../process-lock.mjs"
import { freePortOr } from "../ports.js"
import { StartError } from "../start-error.js"
import { type Binaries, findBinaries } from "./binaries.js"
import { ensureCluster, OWNER, ownerPassword } from "./cluster.js"
import { inspectPostmaster, removePidFile } from "./postmaster.js"
import { runProgram } from "./programs.js"
import { canReach, type DatabaseUser, databaseUser } from "./run-as.js"

export interface PostgresOptions {
  /** Holds the data, the log and the owner's password; made when missing. */
  dir: string
  /** Taken if it is free, else any other. */
  port?: number
  /** Settings of the server, such as `{ fsync: "off" }`, without spaces; they apply to a server started now. */
  settings?: Record<string, string>
}

/** A role other than the owner of everything. */
export interface PostgresLogin {
  name: string
  password: string
}

export interface LocalPostgres {
  port: number
  /** The connection URL of a database, as the owner of everything or as another role. */
  url(database: string, login?: PostgresLogin): string
  /** Whether it was already running. */
  reused: boolean
  /** `fast` ends every connection in order; `immediate` recovers at the next start. */
  stop(mode: "fast" | "immediate"): Promise<void>
}

interface Server {
  dir: string
  data: string
  log: string
  binaries: Binaries
  user: DatabaseUser
}

const DEFAULT_PORT = 54_329
const READY_TIMEOUT_MS = 60_000
// PID 1 of some containers is slow to collect the dead.
const ZOMBIE_TIMEOUT_MS = 3_000
const POLL_MS = 20
const START_ATTEMPTS = 6
const LOG_TAIL = 1_500

/**
 * Starts PostgreSQL in a folder, or joins the one that runs there. It listens on 127.0.0.1 alone, asks for a
 * password, and outlives this process, should that be killed: the next start then joins it.
 *
 * Any number of processes may call this at once. As root it runs as `postgres` or `nobody`.
 *
 * @throws one sentence on what is wrong and which setting helps
 */
export async function startPostgres(options: PostgresOptions): Promise<LocalPostgres> {
  const user = databaseUser()
  const dir = path.resolve(options.dir)
  const server = {
    dir,
    user,
    data: path.join(dir, "data"),
    log: path.join(dir, "postgres.log"),
    binaries: findBinaries(user),
  }
  prepareFolder(server)

  const running = inspectPostmaster(server.data)
  if (running.state === "ready") return handle(server, running.port, true)

  const lock = await waitForLock(path.join(dir, "start.lock"))
  try {
    await ensureCluster({ ...server, durable: options.settings?.fsync !== "off" })
    return await bringUp(server, options)
  } finally {
    lock.release()
  }
}

function prepareFolder({ dir, log, user }: Server): void {
  mkdirSync(dir, { recursive: true })
  // Root's folder with root's files in it; the database's user only passes through to its data.
  if (user) chmodSync(dir, statSync(dir).mode | 0o011)
  if (!canReach(user, dir))
    throw new StartError(
      `The database runs as user ${user?.uid}, who can't reach ${dir}: set DATA_DIR elsewhere`,
    )
  closeSync(openSync(log, "a", 0o600))
  if (user) chownSync(log, user.uid, user.gid)
}

async function bringUp(server: Server, options: PostgresOptions): Promise<LocalPostgres> {
  const started = Date.now()
  for (let failures = 0; ; ) {
    const found = inspectPostmaster(server.data)
    const waitedMs = Date.now() - started
    if (found.state === "ready") return handle(server, found.port, failures === 0)
    if (found.state === "starting" && waitedMs > READY_TIMEOUT_MS)
      throw new StartError(`PostgreSQL does not get ready:\n${tail(server.log)}`)
    if (found.state === "starting" || (found.state === "zombie" && waitedMs < ZOMBIE_TIMEOUT_MS)) {
      await sleep(POLL_MS)
      continue
    }
    if (found.state !== "none") removePidFile(server.data)

    const port = await freePortOr(options.port ?? DEFAULT_PORT)
    try {
      await launch(server, port, options.settings ?? {})
      return handle(server, port, false)
    } catch (cause) {
      // The port may have been taken in between, or a killed server's memory not yet be free.
      failures++
      if (failures === START_ATTEMPTS)
        throw new StartError(`${messageOf(cause)}\n${tail(server.log)}`, { cause })
      await sleep(100 * failures)
    }
  }
}

function launch(server: Server, port: number, settings: Record<string, string>): Promise<void> {
  const all = {
    listen_addresses: "127.0.0.1",
    timezone: "UTC",
    log_timezone: "UTC",
    log_error_verbosity: "terse",
    ...settings,
  }
  const flags = Object.entries(all).map(([name, value]) => `-c ${name}=${value}`)
  // Windows has no Unix sockets by default, and its shell no single quotes.
  if (process.platform !== "win32") flags.push("-c unix_socket_directories=''")
  const serverOptions = [`-p ${port}`, ...flags].join(" ")
  return control(server, "start", ["-l", server.log, "-t", "60", "-o", serverOptions])
}

function control({ binaries, data, user }: Server, action: string, args: string[]): Promise<void> {
  return runProgram(binaries.pgCtl, [action, "-D", data, "-w", "-s", ...args], user)
}

function handle(server: Server, port: number, reused: boolean): LocalPostgres {
  const owner = { name: OWNER, password: ownerPassword(server.dir) }
  return {
    port,
    reused,
    url(database, { name, password } = owner) {
      return `postgres://${name}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`
    },
    async stop(mode) {
      if (!isRunning(server)) return
      try {
        await control(server, "stop", ["-m", mode])
      } catch (cause) {
        // Somebody else's stop came first, between the look and the command.
        if (isRunning(server)) throw cause
      }
    },
  }
}

function isRunning({ data }: Server): boolean {
  const { state } = inspectPostmaster(data)
  return state === "ready" || state === "starting"
}

const tail = (file: string) => readFileSync(file, "utf8").slice(-LOG_TAIL)

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))
