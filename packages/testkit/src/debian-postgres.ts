import { spawnSync } from "node:child_process"
import { chownSync, rmSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { migrateAll } from "@gatepost/local"
import { freePort, needs, serverFolder } from "./child-server.js"

const BIN = "/usr/lib/postgresql/15/bin"
const ROLES = fileURLToPath(new URL("../../../infra/docker/roles.sql", import.meta.url))
const PASSWORD = "a-test-password"
const DATABASE = "gatepost"
const OWNER = "gatepost_owner"

/** Debian's PostgreSQL 15, with an empty database that the recipes' roles own and use. */
export interface DebianPostgres {
  /** As one of these roles, or as the owner of the schemas. */
  url(role?: string): string
  migrate(): Promise<void>
  /** As an operator does it, as the owner. */
  dump(file: string): void
  restore(file: string): void
  stop(): void
}

/** @param test mocha's `this`: pending where it is not installed */
export async function debianPostgres(test: { skip(): void }): Promise<DebianPostgres> {
  needs(
    test,
    `${BIN}/postgres`,
    ["--version"],
    "Debian's postgresql-15 is not installed: a restore is pending",
  )
  const folder = serverFolder("postgres-15")
  const port = await freePort()
  const user = databaseUser()
  if (user) chownSync(folder, user.uid, user.gid)
  const data = path.join(folder, "data")
  const superuser = ["-h", "127.0.0.1", "-p", String(port), "-U", "postgres"]
  const run = (
    program: string,
    args: string[],
    env: Record<string, string> = {},
    as: typeof user | null = user,
  ) => {
    const { status, stderr, error } = spawnSync(path.join(BIN, program), args, {
      ...(as ?? {}),
      cwd: "/",
      env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8", ...env },
      // A server that was started would keep a pipe open.
      stdio: program === "pg_ctl" ? "ignore" : ["ignore", "ignore", "pipe"],
      encoding: "utf8",
    })
    if (status !== 0) throw new Error(`${program} failed: ${error ?? stderr}`)
  }
  const url = (role = OWNER) => `postgres://${role}:${PASSWORD}@127.0.0.1:${port}/${DATABASE}`

  run("initdb", ["-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"])
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off`
  run("pg_ctl", ["-D", data, "-w", "-l", path.join(folder, "log"), "-o", options, "start"])
  run("createdb", [...superuser, DATABASE])
  const names = ["OWNER", "AUTH", "NOTIFICATIONS", "MAIL", "SOCIAL_BATTERY"]
  const passwords = Object.fromEntries(names.map((name) => [`POSTGRES_${name}_PASSWORD`, PASSWORD]))
  // As ourselves: the clone may be where the database's user can't look.
  const roles = ["-1", "-v", "ON_ERROR_STOP=1", "-d", DATABASE, "-f", ROLES]
  run("psql", [...superuser, ...roles], passwords, null)

  return {
    url,
    async migrate() {
      await migrateAll(url())
    },
    dump: (file) => run("pg_dump", ["-Fc", "-f", file, url()], {}, null),
    restore: (file) => run("pg_restore", ["--exit-on-error", "-1", "-d", url(), file], {}, null),
    stop() {
      run("pg_ctl", ["-D", data, "-m", "immediate", "-w", "stop"])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** PostgreSQL refuses to run as root. */
function databaseUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string) => Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout)
  return { uid: id("-u"), gid: id("-g") }
}
