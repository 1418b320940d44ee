import { spawn } from "node:child_process"
import { once } from "node:events"
import { gatepost } from "@gatepost/local"

/** One process of a service beside the fleet's, which nobody starts again. */
export interface ServiceProcess {
  /** Resolves with its code, or null if it was killed. */
  exited: Promise<number | null>
  /** Resolves with its port. */
  ready: Promise<number>
  said(): string
  stop(signal?: NodeJS.Signals): Promise<void>
}

export function startService(name: string, env: Record<string, string>): ServiceProcess {
  const program = gatepost.programs.find((each) => each.name === name)
  const child = spawn(process.execPath, [program?.script ?? ""], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => said.push(String(chunk)))
  const exited = once(child, "exit").then(([code]) => code as number | null)
  return {
    exited,
    ready: new Promise((resolve) =>
      child.on("message", ({ type, port }: { type?: string; port?: number }) => {
        if (type === "ready") resolve(port ?? 0)
      }),
    ),
    said: () => said.join(""),
    async stop(signal = "SIGKILL") {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      await exited
    },
  }
}
