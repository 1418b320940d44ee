import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { freePort } from "@gatepost/local"
import { call } from "../call.js"
import { tailOf } from "../processes/end-process.js"
import { cleanEnvironment } from "../processes/environment.js"
import { CREDENTIALS } from "./auth-service.js"

/** Everything on one machine, by the command that people type. */
export interface NpmStart {
  /** Starts it on its data folder; gives the seconds until a call to this path succeeded. */
  start(route: "register" | "login"): Promise<number>
  /** Ends what runs, and keeps the data. */
  stop(): Promise<void>
  /** Ends it for good. */
  remove(): Promise<void>
}

const CLONE = fileURLToPath(new URL("../../../../", import.meta.url))
const POLL_MS = 20
const PATIENCE_MS = 60_000
const STOP_PATIENCE_MS = 10_000

export async function createNpmStart(): Promise<NpmStart> {
  const dir = mkdtempSync(path.join(tmpdir(), "gatepost-bench-start-"))
  // The database runs as a user of its own.
  chmodSync(dir, 0o711)
  const port = await freePort()
  const env = {
    ...cleanEnvironment(),
    DATA_DIR: dir,
    PORT: String(port),
    INBOX_PORT: String(await freePort()),
    RATE_LIMITS: "off",
  }
  let running: ChildProcess | undefined

  const stop = async () => {
    const ending = running
    running = undefined
    if (ending) await endGroup(ending)
  }
  return {
    async start(route) {
      const started = performance.now()
      // A group of its own, since npm does not pass signals on.
      running = spawn("npm", ["start"], {
        ...{ cwd: CLONE, env, detached: true },
        stdio: ["ignore", "ignore", "pipe"],
      })
      await untilDone(running, () => call(`http://localhost:${port}/v1/auth/${route}`, { body: CREDENTIALS }))
      return (performance.now() - started) / 1000
    },
    stop,
    async remove() {
      await stop()
      endDatabase(dir)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function untilDone(child: ChildProcess, attempt: () => Promise<unknown>): Promise<void> {
  const tail = tailOf(child)
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(POLL_MS)) {
    const isDone = await attempt().then(
      () => true,
      () => false,
    )
    if (isDone) return
    if (hasEnded(child) || Date.now() > deadline) throw new Error(`npm start failed:\n${tail()}`)
  }
}

/** A start that is interrupted may leave it to the next start, which never comes. */
function endDatabase(dir: string): void {
  try {
    const pid = readFileSync(path.join(dir, "postgres/data/postmaster.pid"), "utf8")
    process.kill(Number.parseInt(pid, 10), "SIGQUIT")
  } catch {
    // It has ended, as it should.
  }
}

/** Resolves when nobody holds its stderr any more: npm itself ends before what it runs. */
async function endGroup(child: ChildProcess): Promise<void> {
  if (hasEnded(child) || child.pid === undefined) return
  const group = -child.pid
  const closed = once(child, "close")
  process.kill(group, "SIGTERM")
  const force = setTimeout(() => process.kill(group, "SIGKILL"), STOP_PATIENCE_MS)
  await closed
  clearTimeout(force)
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null
