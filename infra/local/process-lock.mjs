// One holder at a time among processes, with Node's own modules alone: the bootstrap needs it before anything
// is installed, the supervisor and the Postgres launcher use it too.
//
// Node has no flock(2), and a pid file that is removed and made again can be removed by two at once. So a lock
// is a folder of numbered turns: who makes the next number holds the lock, the newest number is never removed,
// and a turn is over when it was given back or all its processes are dead.
import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

const POLL_MS = 50

export function tryLock(directory, note = {}) {
  mkdirSync(directory, { recursive: true })
  for (;;) {
    const last = newestTurn(directory)
    const holder = last === 0 ? undefined : readTurn(directory, last)
    if (holder === "gone") continue
    if (holder?.processes.some(isSameProcess)) return { holder: describe(holder) }

    const turn = last + 1
    const content = { processes: [identify(process.pid)], note }
    if (!claim(directory, turn, content)) continue
    if (newestTurn(directory) !== turn) {
      // Others had and passed on this number between our look and our claim.
      rmSync(path.join(directory, String(turn)), { force: true })
      continue
    }
    removeOlder(directory, turn)
    return { lock: lockOf(directory, turn, content), tookOver: (holder?.processes.length ?? 0) > 0 }
  }
}

export async function waitForLock(directory, { note = {}, onWait } = {}) {
  let told = false
  for (;;) {
    const { lock, holder } = tryLock(directory, note)
    if (lock) return lock
    if (!told) onWait?.(holder)
    told = true
    await sleep(POLL_MS)
  }
}

function lockOf(directory, turn, content) {
  const write = () => replace(path.join(directory, String(turn)), content)
  return {
    setNote(note) {
      content.note = note
      write()
    },
    include(pid) {
      content.processes.push(identify(pid))
      write()
    },
    release() {
      content.processes = []
      write()
    },
  }
}

function newestTurn(directory) {
  return Math.max(
    0,
    ...readdirSync(directory)
      .filter((name) => /^\d+$/.test(name))
      .map(Number),
  )
}

function readTurn(directory, turn) {
  try {
    return JSON.parse(readFileSync(path.join(directory, String(turn)), "utf8"))
  } catch (cause) {
    if (cause.code === "ENOENT") return "gone"
    throw cause
  }
}

function claim(directory, turn, content) {
  const aside = writeAside(path.join(directory, String(turn)), content)
  try {
    // link(2) makes the name and its whole content appear at once, or not at all.
    linkSync(aside, path.join(directory, String(turn)))
    return true
  } catch (cause) {
    if (cause.code === "EEXIST" || cause.code === "ENOENT") return false
    throw cause
  } finally {
    rmSync(aside, { force: true })
  }
}

function replace(file, content) {
  renameSync(writeAside(file, content), file)
}

function writeAside(file, content) {
  const aside = `${file}.${randomBytes(6).toString("hex")}.new`
  writeFileSync(aside, JSON.stringify(content), { mode: 0o600 })
  return aside
}

function removeOlder(directory, turn) {
  for (const name of readdirSync(directory)) {
    if (name.endsWith(".new") || Number(name) < turn) rmSync(path.join(directory, name), { force: true })
  }
}

function describe({ processes, note }) {
  return { pid: processes.find(isSameProcess)?.pid ?? processes[0].pid, note }
}

function identify(pid) {
  return { pid, startedAt: startOf(pid) ?? null }
}

/** Whether this very process lives: a pid alone may have been given to another one since. */
function isSameProcess({ pid, startedAt }) {
  try {
    process.kill(pid, 0)
  } catch (cause) {
    if (cause.code === "ESRCH") return false
  }
  const start = startOf(pid)
  if (start === undefined) return false
  return startedAt === null || start === null || start === startedAt
}

/** When a process started, in the system's own words; null where that can't be told, undefined for a zombie. */
function startOf(pid) {
  try {
    if (process.platform === "linux") {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
      return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19]
    }
    if (process.platform === "darwin")
      return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim()
  } catch {
    // Dead in this moment (the next look will tell), or hidden from us: never take a lock on a guess.
  }
  return null
}
