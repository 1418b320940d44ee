import { readFileSync } from "node:fs"

const KIB_PER_MIB = 1024

/**
 * The memory that a process holds (RSS), in MiB.
 *
 * @returns undefined where there is no /proc, or no such process
 */
export function memoryOf(pid: number): number | undefined {
  try {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]
    return kib === undefined ? undefined : Number(kib) / KIB_PER_MIB
  } catch {
    return undefined
  }
}
