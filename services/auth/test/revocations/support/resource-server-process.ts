import { setTimeout as sleep } from "node:timers/promises"
import { createVerifier, refusal, type VerifierOptions } from "@gatepost/token-verifier"

export interface Question {
  id: number
  token: string
  /** Not to answer before it is refused. */
  waits: boolean
}

export interface Reply {
  id: number
  /** What a request with this token gets. */
  status: number
  /** When, in milliseconds of a clock that all processes of a machine share. */
  atMs: number
}

// The process: it is told its verifier's options, says when that is ready, and judges tokens.
const options: VerifierOptions = JSON.parse(process.argv[2] ?? "")
const verifier = createVerifier(options)

const statusOf = (token: string): Promise<number> =>
  verifier.verify(token).then(
    () => 200,
    (error) => refusal(error).status,
  )

process.on("message", async ({ id, token, waits }: Question) => {
  let status = await statusOf(token)
  while (waits && status === 200) {
    await sleep(1)
    status = await statusOf(token)
  }
  process.send?.({ id, status, atMs: Number(process.hrtime.bigint()) / 1e6 } satisfies Reply)
})

while (!(await verifier.ready())) await sleep(5)
process.send?.("ready")
