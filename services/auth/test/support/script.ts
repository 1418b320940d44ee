import { type ChildProcessByStdio, spawn } from "node:child_process"
import { once } from "node:events"
import type { Readable } from "node:stream"
import { text } from "node:stream/consumers"

/** What a command said, and its exit code. */
export interface ScriptResult {
  code: number | null
  output: string
  errors: string
}

export interface RunningScript {
  child: ChildProcessByStdio<null, Readable, Readable>
  result: Promise<ScriptResult>
}

/** Starts one of the commands beside the service, as an operator does. */
export function startScript(script: string, env: Record<string, string>, args: string[]): RunningScript {
  const child = spawn(process.execPath, [script, ...args], { env, stdio: ["ignore", "pipe", "pipe"] })
  const result = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")])
  return { child, result: result.then(([output, errors, [code]]) => ({ code, output, errors })) }
}
