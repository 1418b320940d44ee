import { ConfigError } from "@gatepost/runtime"
import { type Lock, tryLock } from "../process-lock.mjs"
import { CLONE } from "./clone.js"
import { openDataDir } from "./data-dir.js"
import { greet } from "./greeting.js"
import type { Household } from "./programs.js"
import { loadSettings } from "./settings.js"
import { StartError } from "./start-error.js"
import { createSupervisor, type Supervisor } from "./supervisor.js"
import { openTerminal } from "./terminal.js"

/** Runs a household until it is told to stop; exits with 0 then, and with 1 when something is wrong. */
export async function run(household: Household, env: NodeJS.ProcessEnv): Promise<void> {
  const terminal = openTerminal(env)
  let supervisor: Supervisor | undefined
  let lock: Lock | undefined
  let stopping = false

  const end = async (exitCode: number) => {
    if (stopping) return
    stopping = true
    await supervisor?.stop()
    lock?.release()
    process.exit(exitCode)
  }
  const interrupt = () => {
    if (stopping) return void supervisor?.kill().finally(() => process.exit(130))
    terminal.line("\nStopping …")
    void end(0)
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt)
  process.on("uncaughtException", (cause) => {
    terminal.error(wordsOf(cause))
    void end(1)
  })

  try {
    const settings = loadSettings(env)
    const dataDir = openDataDir(settings, CLONE)
    const taken = takeInstanceLock(dataDir.lock)
    lock = taken.lock
    const onGivenUp = () => void end(1)
    supervisor = createSupervisor({
      household,
      settings,
      dataDir,
      env,
      afterKill: taken.tookOver,
      onNews: terminal.error,
      onGivenUp,
    })
    const started = await supervisor.start()
    lock.setNote({ url: started.publicUrl })
    const given = settings.SERVICE_CLIENT_SECRET !== undefined
    greet(terminal, {
      ...started,
      dataDir: dataDir.path,
      serviceClientSecret: given ? undefined : dataDir.secrets.SERVICE_CLIENT_SECRET,
      startMs: performance.now(),
    })
  } catch (cause) {
    if (stopping) return
    terminal.error(wordsOf(cause))
    await end(1)
  }
}

function takeInstanceLock(directory: string): { lock: Lock; tookOver: boolean } {
  const attempt = tryLock(directory)
  if (attempt.lock) return attempt
  const { holder } = attempt
  const where = holder.note.url ? ` at ${holder.note.url}` : ""
  throw new StartError(
    `Gatepost is already running here${where} (process ${holder.pid}). ` +
      "To run a second one, give it a PORT, an INBOX_PORT and a DATA_DIR of its own",
  )
}

function wordsOf(cause: unknown): string {
  if (cause instanceof StartError || cause instanceof ConfigError) return cause.message
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}
