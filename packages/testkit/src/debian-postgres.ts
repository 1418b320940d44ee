import { execFile } from "node:child_process"
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import pg from "pg"
import { type ChildServer, startServer } from "./child-server.js"

const run = promisify(execFile)
const FOLDER = "/usr/lib/postgresql"
const READY_MS = 30_000
const POLL_MS = 50

/** Debian's PostgreSQL, whose programs can do more than those of the embedded one. It trusts whoever is on this machine. */
export interface DebianPostgres {
  port: number
  dir: string
  /** Ends and starts it again at the same port. */
  start(): Promise<void>
  stop(signal: NodeJS.Signals): Promise<void>
  query<Row>(statement: string): Promise<Row[]>
}

function newestVersion(): string | undefined {
  const versions = existsSync(FOLDER) ? readdirSync(FOLDER) : []
  return versions.sort((one, other) => Number(other) - Number(one))[0]
}

export const hasPostgres = (): boolean => newestVersion() !== undefined

/** @throws where Debian's PostgreSQL isn't installed */
function binary(name: string): string {
  const newest = newestVersion()
  if (!newest) throw new Error(`${name} is not installed (Debian: apt-get install postgresql)`)
  return path.join(FOLDER, newest, "bin", name)
}

/** A user that is not root, since some servers refuse to run as root. */
export function unprivileged(command: string, args: readonly string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [command, [...args]]
  return ["setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", command, ...args]]
}

/** What that user shall own. */
export function giveAway(location: string): void {
  if (process.getuid?.() !== 0) return
  const users = readFileSync("/etc/passwd", "utf8").split("\n")
  const [, , uid, gid] = users.find((line) => line.startsWith("postgres:"))?.split(":") ?? []
  chownSync(location, Number(uid), Number(gid))
}

/** Runs one of its programs as ourselves: what we read and write, the other user may have no way to. */
export async function runPostgres(
  name: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<void> {
  await run(binary(name), args, { env: { PATH: process.env.PATH, ...env } })
}

/** Runs one of its programs as whoever may own a server. */
export async function asPostgres(name: string, args: readonly string[]): Promise<void> {
  const [command, all] = unprivileged(binary(name), args)
  await run(command, all, { cwd: "/" })
}

/** An empty one in a folder of its own. */
export async function initPostgres(dir: string): Promise<void> {
  ownFolder(dir)
  await asPostgres("initdb", [
    "-D",
    dir,
    "-U",
    "postgres",
    "--auth=trust",
    "-E",
    "UTF8",
    "--locale=C",
    "--no-sync",
  ])
}

export function ownFolder(dir: string): void {
  mkdirSync(dir, { recursive: true })
  chmodSync(dir, 0o700)
  giveAway(dir)
}

/** @param folder removed at its end */
export function debianPostgres(
  dir: string,
  port: number,
  settings: Record<string, string>,
  folder?: string,
): DebianPostgres {
  let server: ChildServer | undefined
  const all = { port: String(port), listen_addresses: "127.0.0.1", unix_socket_directories: "", ...settings }
  const args = ["-D", dir, ...Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`])]

  const query = async <Row>(statement: string): Promise<Row[]> => {
    const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", database: "postgres" })
    client.on("error", () => {})
    await client.connect()
    try {
      return (await client.query(statement)).rows as Row[]
    } finally {
      await client.end()
    }
  }
  return {
    port,
    dir,
    query,
    async start() {
      server = startServer(...unprivileged(binary("postgres"), args), folder)
      for (const deadline = Date.now() + READY_MS; ; await sleep(POLL_MS)) {
        const answer = await query("select 1").catch((cause: Error) => cause)
        if (Array.isArray(answer)) return
        if (Date.now() > deadline || !server.running()) throw answer
      }
    },
    async stop(signal) {
      if (server?.running()) await server.stop(signal)
      server = undefined
    },
  }
}
