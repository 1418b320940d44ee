import { ConfigError } from "@gatepost/runtime"
import { type Lock, tryLock } from "../process-lock.mjs"
import { CLONE } from "./clone.js"
import { openDataDir } from "./data-dir.js"
import { inviteFirstAdmin } from "./first-admin.js"
import { greet } from "./greeting.js"
import { type Household, withExamples } from "./programs.js"
import { examplesOf, loadSettings } from "./settings.js"
import { StartError } from "./start-error.js"
import { createSupervisor, type Supervisor } from "./supervisor.js"
import { openTerminal, type Terminal } from "./terminal.js"

/** What must be ended or given back. */
interface Running {
  supervisor?: Supervisor
  lock?: Lock
}

/** Runs a household until it is told to stop; exits with 0 then, and with 1 when something is wrong. */
export async function run(household: Household, env: NodeJS.ProcessEnv): Promise<void> {
  const terminal = openTerminal(env)
  const running: Running = {}
  const { end, isEnding } = endOnSignals(running, terminal)
  try {
    await bringUp(household, env, terminal, running, () => void end(1))
  } catch (cause) {
    if (isEnding()) return
    terminal.error(wordsOf(cause))
    await end(1)
  }
}

function endOnSignals(running: Running, terminal: Terminal) {
  let ending = false
  const end = async (exitCode: number) => {
    if (ending) return
    ending = true
    try {
      await running.supervisor?.stop()
      running.lock?.release()
      process.exit(exitCode)
    } catch (cause) {
      terminal.error(wordsOf(cause))
      process.exit(1)
    }
  }
  const interrupt = () => {
    if (ending) return void running.supervisor?.kill().finally(() => process.exit(130))
    terminal.line("\nStopping …")
    void end(0)
  }

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt)
  process.on("uncaughtException", (cause) => {
    terminal.error(wordsOf(cause))
    void end(1)
  })
  return { end, isEnding: () => ending }
}

async function bringUp(
  gatepost: Household,
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
  running: Running,
  onGivenUp: () => void,
): Promise<void> {
  const settings = loadSettings(env)
  const examples = examplesOf(settings)
  const household = withExamples(gatepost, examples)
  const dataDir = openDataDir(settings, CLONE)
  const { lock, tookOver: afterKill } = takeInstanceLock(dataDir.lock)
  running.lock = lock
  const onNews = terminal.error
  const supervisor = createSupervisor({ household, settings, dataDir, env, afterKill, onNews, onGivenUp })
  running.supervisor = supervisor
  const started = await supervisor.start()
  lock.setNote({ url: started.publicUrl })

  const given = settings.SERVICE_CLIENT_SECRET !== undefined
  greet(terminal, {
    ...started,
    examples,
    dataDir: dataDir.path,
    serviceClientSecret: given ? undefined : dataDir.secrets.SERVICE_CLIENT_SECRET,
    startMs: performance.now(),
  })
  const invitation = await inviteFirstAdmin(household, env, { ...started, settings })
  if (invitation) terminal.line(`  First admin, by this link, within the hour:\n  ${invitation}\n`)
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
