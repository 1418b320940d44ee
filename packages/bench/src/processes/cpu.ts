import { readdirSync, readFileSync } from "node:fs"

// sysconf(_SC_CLK_TCK) is 100 on every Linux that Node runs on.
const MS_PER_TICK = 10

interface Stat {
  pid: number
  parent: number
  ticks: number
}

/**
 * The CPU time that a process, its descendants and those of them that have ended used so far, in ms.
 *
 * @returns undefined where there is no /proc, or no such process
 */
export function cpuOf(pid: number): number | undefined {
  if (process.platform !== "linux") return undefined
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap(readStat)
  const root = all.find((stat) => stat.pid === pid)
  return root && ticksBelow(root, all) * MS_PER_TICK
}

function ticksBelow(root: Stat, all: Stat[]): number {
  const children = all.filter(({ parent }) => parent === root.pid)
  return children.reduce((sum, child) => sum + ticksBelow(child, all), root.ticks)
}

function readStat(name: string): Stat[] {
  try {
    const text = readFileSync(`/proc/${name}/stat`, "utf8")
    // pid (name) state ppid …: the name may itself hold brackets and spaces.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
    const [parent = 0] = fields.slice(1, 2).map(Number)
    // utime, stime, and the same of children that ended and were waited for.
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    return [{ pid: Number(name), parent, ticks }]
  } catch {
    return []
  }
}
