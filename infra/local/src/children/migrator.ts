import { spawn } from "node:child_process"
import type { MigrationOrder } from "../programs.js"
import { StartError } from "../start-error.js"

export interface Migrator {
  /** @throws StartError with what went wrong */
  run(order: MigrationOrder): Promise<void>
  kill(): void
}

/** Starts the process that migrates. */
export function startMigrator(script: string, env: NodeJS.ProcessEnv): Migrator {
  const child = spawn(process.execPath, [script], { env, stdio: ["ignore", "ignore", "pipe", "ipc"] })
  let stderr = ""
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text
  })
  const ended = new Promise<string>((resolve) => {
    child.once("error", (cause) => resolve(cause.message))
    child.once("close", (code, signal) => resolve(code === 0 ? "" : (signal ?? `exit code ${code}`)))
  })

  return {
    async run(order) {
      child.send(order, () => {})
      const reason = await ended
      if (reason) throw new StartError(`The migrations failed (${reason}): ${stderr.trim()}`)
    },
    kill: () => void child.kill("SIGKILL"),
  }
}
