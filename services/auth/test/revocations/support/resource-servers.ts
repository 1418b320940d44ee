import { fork } from "node:child_process"
import { once } from "node:events"
import type { VerifierOptions } from "@gatepost/token-verifier"
import type { Question, Reply } from "./resource-server-process.js"

/** Somebody's backend, a process of its own that knows tokens by our verifier alone. */
export interface ResourceServer {
  /** What a request with this token gets. */
  statusOf(token: string): Promise<number>
  /** Asks until it is refused, and says when that was, as `nowMs` counts. */
  refusedAt(token: string): Promise<number>
  stop(): Promise<void>
}

/** Milliseconds of a clock that all processes of a machine share. */
export const nowMs = () => Number(process.hrtime.bigint()) / 1e6

/** Resolves when its verifier is ready. */
export async function startResourceServer(options: VerifierOptions): Promise<ResourceServer> {
  const child = fork(new URL("./resource-server-process.js", import.meta.url), [JSON.stringify(options)])
  const exited = once(child, "exit")
  await Promise.race([
    once(child, "message"),
    exited.then(() => Promise.reject(new Error("it ended before it was ready"))),
  ])
  const waiting = new Map<number, (reply: Reply) => void>()
  let asked = 0
  child.on("message", (reply: Reply) => waiting.get(reply.id)?.(reply))

  const ask = (token: string, waits: boolean): Promise<Reply> => {
    const question: Question = { id: asked++, token, waits }
    return new Promise((resolve) => {
      waiting.set(question.id, resolve)
      child.send(question)
    })
  }
  return {
    statusOf: async (token) => (await ask(token, false)).status,
    refusedAt: async (token) => (await ask(token, true)).atMs,
    async stop() {
      child.kill()
      await exited
    },
  }
}
