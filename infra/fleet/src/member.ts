import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { setTimeout as sleep } from "node:timers/promises"

/** A process that is killed, frozen and started anew, as a supervisor would. */
export interface Member {
  readonly name: string
  /** What it is started with: a change counts from its next start. */
  readonly env: Record<string, string>
  /** How its processes ended so far, the last one last. */
  readonly exits: readonly Exit[]
  /** Of the process that runs; unset where none does. */
  pid(): number | undefined
  /** What it says over IPC, but that it is ready. */
  onMessage(listener: (message: Record<string, unknown>) => void): void
  send(message: object): void
  start(): Promise<void>
  /** SIGKILL, and a new one in its place. */
  kill(): Promise<void>
  /** A signal, and how it ended by it. */
  end(signal: NodeJS.Signals): Promise<Exit>
  /** SIGSTOP for that long. */
  freeze(ms: number): Promise<void>
  /** For good: by SIGTERM, and SIGKILL where that does not help, or as told. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
  /** Whether nobody had told it to end. */
  byItself: boolean
}

const STOP_MS = 20_000
const RESTART_MS = 100

export interface MemberOptions {
  name: string
  script: string
  env: Record<string, string>
  /** Leaves out what it prints, but for errors. */
  quiet?: boolean
}

export function createMember(options: MemberOptions): Member {
  const listeners: ((message: Record<string, unknown>) => void)[] = []
  let child: ChildProcess | undefined
  const exits: Exit[] = []
  let ending = false
  let told: ChildProcess | undefined

  async function start(): Promise<void> {
    ending = false
    const env = { PATH: process.env.PATH, ...options.env }
    const started = spawn(process.execPath, [options.script], {
      env,
      stdio: ["ignore", options.quiet ? "ignore" : "inherit", "inherit", "ipc"],
    })
    child = started
    started.on("exit", (code, signal) => exits.push({ code, signal, byItself: told !== started }))
    // A channel that broke is no news here: its process was killed.
    started.on("error", () => {})
    started.on("message", (message: Record<string, unknown>) => {
      for (const listener of listeners) listener(message)
    })
    const ready = new Promise<void>((resolve) =>
      started.on("message", ({ type }: { type?: string }) => type === "ready" && resolve()),
    )
    await Promise.race([ready, once(started, "exit")])
    // It may end by itself while its database is away: then once more.
    if (ending || started !== child || !isOver(started)) return
    await sleep(RESTART_MS)
    if (!ending && started === child) await start()
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const victim = child
    if (!victim || isOver(victim)) return
    const gone = once(victim, "exit")
    told = victim
    victim.kill(signal)
    await gone
  }

  return {
    name: options.name,
    env: options.env,
    exits,
    pid: () => (child && !isOver(child) ? child.pid : undefined),
    onMessage: (listener) => void listeners.push(listener),
    send: (message) => void (child?.connected && child.send(message, () => {})),
    start,
    async kill() {
      await end("SIGKILL")
      if (!ending) await start()
    },
    async end(signal) {
      ending = true
      await end(signal)
      const last = exits.at(-1)
      if (!last) throw new Error(`${options.name} was never started`)
      return last
    },
    async freeze(ms) {
      const victim = child
      victim?.kill("SIGSTOP")
      await sleep(ms)
      victim?.kill("SIGCONT")
    },
    async stop(signal = "SIGTERM") {
      ending = true
      const force = setTimeout(() => child?.kill("SIGKILL"), STOP_MS)
      child?.kill("SIGCONT")
      await end(signal)
      clearTimeout(force)
    },
  }
}

const isOver = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null
