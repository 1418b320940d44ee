import { chmodSync, readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import { freePort, giveAway, serverFolder, startServer, unprivileged } from "@gatepost/testkit"
import pg from "pg"
import { until } from "./waiting.js"

const CONFIGURATION = new URL("../../pgbouncer/pgbouncer.ini", import.meta.url)

export interface PgBouncer {
  port: number
  stop(): Promise<void>
}

/** Debian's PgBouncer with the configuration of `infra/pgbouncer`, before a database on this machine. */
export async function startPgBouncer(options: {
  database: string
  port: number
  /** Role and password. */
  users: Record<string, string>
}): Promise<PgBouncer> {
  const { database, users } = options
  const port = await freePort()
  const folder = serverFolder("pgbouncer")
  chmodSync(folder, 0o755)
  const list = path.join(folder, "userlist.txt")
  const file = path.join(folder, "pgbouncer.ini")
  writeFileSync(
    list,
    Object.entries(users)
      .map((user) => `"${user.join('" "')}"\n`)
      .join(""),
    { mode: 0o600 },
  )
  giveAway(list)
  writeFileSync(
    file,
    readFileSync(CONFIGURATION, "utf8")
      .replace("port=5432 dbname=gatepost", `port=${options.port} dbname=${database}`)
      .replace("listen_port = 6432", `listen_port = ${port}`)
      .replace("/etc/pgbouncer/userlist.txt", list),
  )
  const server = startServer(...unprivileged("/usr/sbin/pgbouncer", ["-q", file]), folder)
  const [user, password] = Object.entries(users)[0] ?? []
  await until("PgBouncer answers (Debian: apt-get install pgbouncer)", async () => {
    const client = new pg.Client({ host: "127.0.0.1", port, user, password, database })
    client.on("error", () => {})
    await client.connect()
    await client.end()
    return true
  })
  return { port, stop: () => server.stop("SIGQUIT") }
}
