import { fileURLToPath } from "node:url"
import { createCaller } from "../processes/calls.js"
import { startNode } from "../processes/start-node.js"
import type { Loop } from "./loop.js"
import type { Work } from "./work.js"
import type { Workload } from "./workload.js"

/** The load generator, seen from here; the same one for every subject. */
export interface Generator {
  prepare(workload: Workload): Promise<Loop>
  stop(): Promise<void>
}

const SCRIPT = fileURLToPath(new URL("./generator-process.js", import.meta.url))

export async function startGenerator(): Promise<Generator> {
  const server = await startNode({ name: "load generator", script: SCRIPT })
  const call = createCaller(server.child)

  return {
    async prepare(workload) {
      const loop = await call<number>("prepare", workload)
      return { run: (seconds) => call<Work>("run", { loop, seconds }) }
    },
    stop: server.stop,
  }
}
