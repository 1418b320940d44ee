import type { ChildProcess } from "node:child_process"

interface Call {
  type: "call"
  id: number
  name: string
  argument: unknown
}

interface Reply {
  type: "reply"
  id: number
  result?: unknown
  fault?: string
}

/** Calls what a child offers through `answerCalls`; rejects with its error, or when it ends. */
export function createCaller(child: ChildProcess) {
  const waiting = new Map<number, { resolve(result: never): void; reject(cause: Error): void }>()
  let calls = 0

  child.on("message", ({ type, id, result, fault }: Reply) => {
    if (type !== "reply") return
    const call = waiting.get(id)
    waiting.delete(id)
    if (fault === undefined) call?.resolve(result as never)
    else call?.reject(new Error(fault))
  })
  child.once("exit", () => {
    for (const { reject } of waiting.values()) reject(new Error("the process that was asked has ended"))
    waiting.clear()
  })

  return <Result>(name: string, argument?: unknown): Promise<Result> =>
    new Promise((resolve, reject) => {
      const id = calls++
      waiting.set(id, { resolve, reject })
      child.send({ type: "call", id, name, argument } satisfies Call, (cause) => cause && reject(cause))
    })
}

/** Serves the calls of the parent process. */
export function answerCalls(procedures: Record<string, (argument: never) => Promise<unknown>>): void {
  process.on("message", ({ type, id, name, argument }: Call) => {
    if (type !== "call") return
    const reply = (outcome: { result: unknown } | { fault: string }) =>
      process.send?.({ type: "reply", id, ...outcome })
    Promise.resolve(procedures[name]?.(argument as never)).then(
      (result) => reply({ result }),
      (cause: unknown) => reply({ fault: cause instanceof Error ? cause.message : String(cause) }),
    )
  })
  process.on("disconnect", () => process.exit())
}
