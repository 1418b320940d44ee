import { type ChildProcess, spawn } from "node:child_process"
import { endProcess, tailOf } from "./end-process.js"
import { cleanEnvironment } from "./environment.js"

export interface NodeOptions {
  /** For messages. */
  name: string
  script: string
  args?: string[]
  /** Beside the few variables that every program needs. */
  env?: Record<string, string>
  /** Default: the node that runs this. */
  node?: string
  cwd?: string
}

export interface NodeServer {
  child: ChildProcess
  pid: number
  /** `http://127.0.0.1:<port>`, for those that listen. */
  url: string
  stop(): Promise<void>
}

const START_LIMIT_MS = 120_000

/**
 * Runs a script that says over IPC when it is ready, and on which port: `{ type: "ready", port? }`.
 *
 * @throws with the end of what it wrote to stderr when it ends before that, or takes two minutes
 */
export async function startNode({
  name,
  script,
  args = [],
  env,
  node,
  cwd,
}: NodeOptions): Promise<NodeServer> {
  const child = spawn(node ?? process.execPath, [script, ...args], {
    env: { ...cleanEnvironment(), ...env },
    cwd,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    windowsHide: true,
  })
  const tail = tailOf(child)
  const stop = () => endProcess(child)

  const port = await new Promise<number | undefined>((resolve, reject) => {
    const limit = setTimeout(() => void stop(), START_LIMIT_MS)
    child.on("message", (message: { type?: string; port?: number }) => {
      if (message.type !== "ready") return
      clearTimeout(limit)
      resolve(message.port)
    })
    child.once("error", reject)
    child.once("close", () => {
      clearTimeout(limit)
      reject(new Error(`${name} did not start:\n${tail()}`))
    })
  })
  return { child, pid: child.pid ?? 0, url: `http://127.0.0.1:${port}`, stop }
}
