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
  let running: Launched | undefined
  let port: number | undefined

  const ready = new Promise<void>((resolve, reject) => {
    void superviseUntilStopped(options, stopping.signal, {
      onLaunch: (launched) => {
        running = launched
      },
      onReady: (listensOn) => {
        port = listensOn
        resolve()
      },
      onEnd: () => {
        port = undefined
      },
      onNeverReady: (reason) => reject(new StartError(neverReady(name, reason, log))),
    })
  })
  // Whoever stops it before it is ready no longer asks.
  ready.catch(() => {})

  return {
    name,
    ready,
    port: () => port,
    async stop() {
      stopping.abort()
      if (!running) return
      // Windows has no SIGTERM to catch; the end of the channel means the same to our programs.
      if (process.platform === "win32") running.process.disconnect()
      else running.process.kill("SIGTERM")
      await running.ended
    },
    kill() {
      stopping.abort()
      running?.process.kill("SIGKILL")
    },
  }
}

interface Observer {
  onLaunch(launched: Launched): void
  onReady(port: number | undefined): void
  onEnd(): void
  onNeverReady(reason: string): void
}

async function superviseUntilStopped(options: ChildOptions, stopping: AbortSignal, observer: Observer) {
  let crashes: number[] = []
  for (let wasReady = false; !stopping.aborted; ) {
    const launched = launch(options)
    observer.onLaunch(launched)
    const first = await Promise.race([launched.ready, launched.ended])
    if (typeof first !== "string") {
      wasReady = true
      observer.onReady(first.port)
    }
    const reason = await launched.ended
    observer.onEnd()
    if (stopping.aborted) return
    if (!wasReady) return observer.onNeverReady(reason)

    crashes = [...crashes, Date.now()].filter((at) => at > Date.now() - CRASH_WINDOW_MS)
    const pauseMs = Math.min(BACKOFF_MS * 2 ** (crashes.length - 1), BACKOFF_LIMIT_MS)
    const next = crashes.length < CRASHES_TO_GIVE_UP ? `starting again in ${pauseMs / 1000} s` : "giving up"
    options.onCrash(`${options.name} ended by itself (${reason}), ${next}; see ${options.log.file}`)
    if (crashes.length === CRASHES_TO_GIVE_UP) return options.onGivenUp()
    await sleep(pauseMs, undefined, { signal: stopping }).catch(() => {})
  }
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

function neverReady(name: string, reason: string, log: ChildLog): string {
  const lines = log.lastLines().map((line) => `    ${line}`)
  return [`${name} did not start (${reason}). The end of ${log.file}:`, ...lines].join("\n")
}
