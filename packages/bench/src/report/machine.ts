import { spawnSync } from "node:child_process"
import { availableParallelism, cpus, loadavg, totalmem } from "node:os"
import { fileURLToPath } from "node:url"

/** Where and on what the figures were made; nothing that names a person or a place. */
export interface Machine {
  cpu: string
  cores: number
  memoryGib: number
  platform: string
  node: string
  /** Processes that waited for a core, on average over the minute before the run. */
  loadBefore: number
  date: string
  /** With a `+` when there were changes that are in no commit. */
  commit: string
}

const CLONE = fileURLToPath(new URL("../../../../", import.meta.url))

export const describeMachine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: availableParallelism(),
  memoryGib: Math.round(totalmem() / 2 ** 30),
  platform: `${process.platform} ${process.arch}`,
  node: process.version,
  loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  date: new Date().toISOString().slice(0, 10),
  commit: commitOf(),
})

function commitOf(): string {
  const commit = git("rev-parse", "--short", "HEAD")
  if (commit === undefined) return "unknown"
  return git("status", "--porcelain") === "" ? commit : `${commit}+`
}

function git(...args: string[]): string | undefined {
  const { status, stdout } = spawnSync("git", args, { cwd: CLONE, encoding: "utf8" })
  return status === 0 ? stdout.trim() : undefined
}
