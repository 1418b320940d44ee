import { type ChildProcess, spawn } from "node:child_process"
import { setTimeout as sleep } from "node:timers/promises"
import { StartError } from "../start-error.js"
import type { ChildLog } from "./child-log.js"

/** A program of our own, run as a process that says over IPC when it is ready. */
export interface ChildOptions {
  name: string
  /** A file that node runs. */
  script: string
  env: NodeJS.ProcessEnv
  log: ChildLog
  /** Told in one line of each crash. */
  onCrash(line: string): void
  /** It crashes again and again: all should stop. */
  onGivenUp(): void
}

export interface Child {
  name: string
  /** @throws StartError with the end of its log when it ends before it is ready */
  ready: Promise<void>
  /** Where it listens; undefined while it does not run. */
  port(): number | undefined
  /** Lets it finish what is under way. */
  stop(): Promise<void>
  kill(): void
}

const BACKOFF_MS = 200
const BACKOFF_LIMIT_MS = 5_000
const CRASH_WINDOW_MS = 60_000
const CRASHES_TO_GIVE_UP = 5
const START_LIMIT_MS = 60_000

/** Starts a program and, once it was ready, starts it again whenever it ends by itself. */
export function keepRunning(options: ChildOptions): Child {
  const { name, log } = options
  const stopping = new AbortController()
  const current: Current = {}

  const ready = new Promise<void>((resolve, reject) => {
    void superviseUntilStopped(options, stopping.signal, current, resolve).then((neverReady) => {
      if (neverReady) reject(new StartError(didNotStart(name, neverReady, log)))
    })
  })
  // Whoever stops it before it is ready no longer asks.
  ready.catch(() => {})

  return {
    name,
    ready,
    port: () => current.port,
    async stop() {
      stopping.abort()
      const { process: child, ended } = current.launched ?? {}
      // Windows has no SIGTERM to catch; the end of the channel means the same to our programs.
      if (process.platform !== "win32") child?.kill("SIGTERM")
      else if (child?.connected) child.disconnect()
      await ended
    },
    kill() {
      stopping.abort()
      current.launched?.process.kill("SIGKILL")
    },
  }
}

interface Current {
  launched?: Launched
  port?: number | undefined
}

/** @returns why it ended, if it did before it was ready for the first time */
async function superviseUntilStopped(
  options: ChildOptions,
  stopping: AbortSignal,
  current: Current,
  onReady: () => void,
): Promise<string | undefined> {
  let crashes: number[] = []
  for (let wasReady = false; !stopping.aborted; ) {
    const launched = launch(options)
    current.launched = launched
    const first = await Promise.race([launched.ready, launched.ended])
    if (typeof first !== "string") {
      wasReady = true
      current.port = first.port
      onReady()
    }
    const reason = await launched.ended
    current.port = undefined
    if (stopping.aborted) return undefined
    if (!wasReady) return reason

    crashes = [...crashes, Date.now()].filter((at) => at > Date.now() - CRASH_WINDOW_MS)
    const pauseMs = Math.min(BACKOFF_MS * 2 ** (crashes.length - 1), BACKOFF_LIMIT_MS)
    const givesUp = crashes.length === CRASHES_TO_GIVE_UP
    const next = givesUp ? "giving up" : `starting again in ${pauseMs / 1000} s`
    options.onCrash(`${options.name} ended by itself (${reason}), ${next}; see ${options.log.file}`)
    if (givesUp) return void options.onGivenUp()
    await sleep(pauseMs, undefined, { signal: stopping }).catch(() => {})
  }
  return undefined
}

interface Launched {
  process: ChildProcess
  ready: Promise<{ port: number | undefined }>
  /** Resolves with the reason. */
  ended: Promise<string>
}

function launch({ script, env, log }: ChildOptions): Launched {
  const child = spawn(process.execPath, [script], {
    env,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    windowsHide: true,
  })
  if (child.stdout) log.attach(child.stdout)
  if (child.stderr) log.attach(child.stderr)
  const limit = setTimeout(() => child.kill("SIGKILL"), START_LIMIT_MS)

  return {
    process: child,
    ready: new Promise((resolve) => {
      child.on("message", (message: { type?: string; port?: number }) => {
        if (message.type !== "ready") return
        clearTimeout(limit)
        resolve({ port: message.port })
      })
    }),
    ended: new Promise((resolve) => {
      child.once("error", (cause) => resolve(cause.message))
      child.once("close", (code, signal) => {
        clearTimeout(limit)
        resolve(signal ?? `exit code ${code}`)
      })
    }),
  }
}

function didNotStart(name: string, reason: string, log: ChildLog): string {
  const [only = "", ...more] = log.lastLines()
  if (only && more.length === 0) return `${name} did not start: ${only}`
  const lines = [only, ...more].map((line) => `    ${line}`)
  return [`${name} did not start (${reason}). The end of ${log.file}:`, ...lines].join("\n")
}
