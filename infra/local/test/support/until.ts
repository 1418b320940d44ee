import { readFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"

/** Waits for something that another process does. */
export async function until<Value>(
  look: () => Value | undefined | false | Promise<Value | undefined | false>,
): Promise<Value> {
  for (;;) {
    const seen = await look()
    if (seen) return seen
    await sleep(20)
  }
}

/** Whether a process lives; one that nobody has collected yet does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return process.platform !== "linux" || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return false
  }
}
