import { spawn, spawnSync } from "node:child_process"
import { mkdtempSync } from "node:fs"
import type { Socket } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"

/** A server of Debian's that a test starts for itself, and that ends with this process, however that dies. */
export interface ChildServer {
  readonly pid: number | undefined
  /** Ends it and waits; by SIGTERM, or as told. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** One that does not end it: SIGHUP, or SIGSTOP, after which it is there and answers nobody, until SIGCONT. */
  signal(signal: NodeJS.Signals): void
  /** Whether it still runs. */
  running(): boolean
}

/** A folder of its own for what a server keeps. */
export const serverFolder = (name: string): string => mkdtempSync(path.join(tmpdir(), `gatepost-${name}-`))

// A shell of its own outlives us, and ends the server when our end of the pipe closes.
const WHEN_WE_ARE_GONE = `cat > /dev/null; kill "$1" 2> /dev/null; test -z "$2" || rm -rf "$2"`

/** @param folder removed at its end */
export function startServer(command: string, args: readonly string[], folder = ""): ChildServer {
  const server = spawn(command, args, { stdio: "ignore" })
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()))
  const watch = spawn("sh", ["-c", WHEN_WE_ARE_GONE, "sh", String(server.pid), folder], {
    stdio: ["pipe", "ignore", "ignore"],
  })
  const pipe = watch.stdin as Socket
  pipe.on("error", () => {})
  for (const handle of [server, watch, pipe]) handle.unref()

  return {
    pid: server.pid,
    running: () => server.exitCode === null && server.signalCode === null,
    signal: (signal) => void server.kill(signal),
    async stop(signal) {
      server.ref()
      server.kill(signal)
      await ended
      pipe.end()
    },
  }
}

/**
 * Leaves the test pending where a program of Debian's is missing, but fails it under `CI=true`.
 *
 * @param missing what is to be said then
 */
export function needs(
  test: { skip(): void },
  command: string,
  args: readonly string[],
  missing: string,
): void {
  if (!spawnSync(command, args).error) return
  pendingUnlessCi(test, missing)
}

export function pendingUnlessCi(test: { skip(): void }, missing: string): void {
  if (process.env.CI === "true") throw new Error(missing)
  console.log(`      ${missing}`)
  test.skip()
}
