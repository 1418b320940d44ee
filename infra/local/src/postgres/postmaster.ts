import { spawnSync } from "node:child_process"
import { readFileSync, readlinkSync, realpathSync, rmSync } from "node:fs"
import path from "node:path"

/** What `postmaster.pid` says, checked against the processes that really run. */
export type Postmaster =
  | { state: "none" }
  | { state: "starting" }
  | { state: "ready"; port: number }
  /** The file of a dead server: its process is gone, or its number belongs to another program. */
  | { state: "stale" }
  /** Dead, but not yet collected by its parent: PostgreSQL still takes its number for a living server. */
  | { state: "zombie" }

// Lines of the file: pid, data folder, start, port, socket folder, address, shared memory, status.
const PORT_LINE = 3
const STATUS_LINE = 7

export function inspectPostmaster(dataDirectory: string): Postmaster {
  let lines: string[]
  try {
    lines = readFileSync(pidFile(dataDirectory), "utf8").split("\n")
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return { state: "none" }
    throw cause
  }
  const life = lifeOf(Number(lines[0]), dataDirectory)
  if (life !== "alive") return { state: life }
  if (lines[STATUS_LINE]?.trim() !== "ready") return { state: "starting" }
  return { state: "ready", port: Number(lines[PORT_LINE]) }
}

export function removePidFile(dataDirectory: string): void {
  rmSync(pidFile(dataDirectory), { force: true })
}

const pidFile = (dataDirectory: string) => path.join(dataDirectory, "postmaster.pid")

function lifeOf(pid: number, dataDirectory: string): "alive" | "stale" | "zombie" {
  if (!Number.isInteger(pid) || pid < 1) return "stale"
  try {
    process.kill(pid, 0)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ESRCH") return "stale"
  }
  if (process.platform === "linux") return lifeInProc(pid, dataDirectory)
  if (process.platform === "darwin") return nameOf(pid)?.endsWith("postgres") === false ? "stale" : "alive"
  return "alive"
}

function lifeInProc(pid: number, dataDirectory: string): "alive" | "stale" | "zombie" {
  try {
    // pid (name) state …: the name may itself hold brackets.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"))
    if (name !== "postgres") return "stale"
    if (stat[stat.lastIndexOf(")") + 2] === "Z") return "zombie"
    // A server stands in its data folder: another one, with the number of ours, stands elsewhere.
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataDirectory) ? "alive" : "stale"
  } catch {
    return "alive"
  }
}

function nameOf(pid: number): string | undefined {
  const { status, stdout } = spawnSync("ps", ["-o", "comm=", "-p", String(pid)], { encoding: "utf8" })
  return status === 0 ? stdout.trim() : undefined
}
