import type { ChildProcess } from "node:child_process"

const PATIENCE_MS = 8_000
const TAIL_CHARACTERS = 2_000

/** Asks a process to end, and ends it. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  child.kill("SIGTERM")
  const force = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS)
  await ended
  clearTimeout(force)
}

/** Reads what a process writes to stderr; gives the end of it. */
export function tailOf(child: ChildProcess): () => string {
  let tail = ""
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    tail = (tail + text).slice(-TAIL_CHARACTERS)
  })
  return () => tail
}
