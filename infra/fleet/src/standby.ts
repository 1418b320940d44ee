import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import {
  asPostgres,
  type DebianPostgres,
  debianPostgres,
  freePort,
  initPostgres,
  ownFolder,
  startTcpProxy,
  type TcpProxy,
} from "@gatepost/testkit"

/**
 * A PostgreSQL with a standby that has each commit before it is acknowledged (`synchronous_standby_names`), behind one
 * port that leads to whoever is the primary.
 */
export interface ReplicatedPostgres {
  /** The one that services know. */
  port: number
  /** What that port is, to hold up what goes through it. */
  proxy: TcpProxy
  primary(): DebianPostgres
  standby(): DebianPostgres | undefined
  /** `kill -9` of its postmaster. */
  killPrimary(): Promise<void>
  /** `pg_promote()`; whoever connects from now on reaches the new primary. It has no standby until `rejoin`. */
  promote(): Promise<void>
  /** Whoever connects from now on reaches that one, whatever it is; who has a connection keeps it. */
  leadTo(server: DebianPostgres): void
  /** As `leadTo`, and nobody keeps theirs. */
  pointTo(server: DebianPostgres): void
  /** Makes the one that died a standby of the new primary. */
  rejoin(): Promise<void>
  stop(): Promise<void>
}

const STANDBY = "s1"
const SYNCHRONOUS = `alter system set synchronous_standby_names = 'ANY 1 (${STANDBY})'`
const SYNC_MS = 30_000
const POLL_MS = 50

/** Starts both, of Debian's PostgreSQL, with the given settings. */
export async function createStandby(settings: Record<string, string> = {}): Promise<ReplicatedPostgres> {
  const folder = mkdtempSync(path.join(tmpdir(), "gatepost-replicated-"))
  chmodSync(folder, 0o755)
  const all = { wal_keep_size: "256MB", max_wal_senders: "8", hot_standby: "on", ...settings }
  const [one, other] = await Promise.all(
    ["one", "other"].map(async (name) => debianPostgres(path.join(folder, name), await freePort(), all)),
  )
  let primary = one as DebianPostgres
  let standby: DebianPostgres | undefined
  let spare = other as DebianPostgres
  await initPostgres(primary.dir)
  await primary.start()
  let goal = primary
  const proxy = await startTcpProxy(() => `postgres://127.0.0.1:${goal.port}`)
  const leadTo = (server: DebianPostgres) => {
    goal = server
  }
  const pointTo = (server: DebianPostgres) => {
    leadTo(server)
    proxy.reset()
  }

  async function rejoin(): Promise<void> {
    await spare.stop("SIGKILL")
    rmSync(spare.dir, { recursive: true, force: true })
    ownFolder(spare.dir)
    const source = `host=127.0.0.1 port=${primary.port} user=postgres application_name=${STANDBY}`
    await asPostgres("pg_basebackup", ["-d", source, "-D", spare.dir, "-R", "-X", "stream", "-c", "fast"])
    await spare.start()
    standby = spare
    await primary.query(SYNCHRONOUS)
    await primary.query("select pg_reload_conf()")
    for (const deadline = Date.now() + SYNC_MS; ; await sleep(POLL_MS)) {
      const [row] = await primary.query<{ state: string }>(
        "select sync_state as state from pg_stat_replication",
      )
      if (row?.state === "quorum" || row?.state === "sync") return
      if (Date.now() > deadline) throw new Error(`the standby does not keep up: ${row?.state ?? "not there"}`)
    }
  }
  await rejoin()

  return {
    port: Number(new URL(proxy.url).port),
    proxy,
    primary: () => primary,
    standby: () => standby,
    killPrimary: () => primary.stop("SIGKILL"),
    async promote() {
      if (!standby) throw new Error("there is no standby to promote")
      // What it took over from the backup would have it wait for a standby of its own.
      await standby.query("alter system reset synchronous_standby_names")
      await standby.query("select pg_reload_conf()")
      await standby.query("select pg_promote()")
      spare = primary
      primary = standby
      standby = undefined
      pointTo(primary)
    },
    leadTo,
    pointTo,
    rejoin,
    async stop() {
      await proxy.close()
      await Promise.all([primary, spare, standby].map((server) => server?.stop("SIGKILL")))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
