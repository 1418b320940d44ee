import { setTimeout as sleep } from "node:timers/promises"
import type { Server } from "./http-subject.js"
import { type Connection, openConnection } from "./load/connection.js"
import type { Loop } from "./load/loop.js"
import { renderRequest } from "./load/requests.js"
import type { Work } from "./load/work.js"
import { percentile } from "./statistics.js"

/** Where sessions begin and end, and who must hear of it. */
export interface LogoutStage {
  auth: Server
  resourceServers: readonly Server[]
  /** Gives the access token of a new session. */
  signIn(): Promise<string>
  /** What keeps the auth service busy meanwhile. */
  load: Loop
}

/** A connection of its own to a server, so that no question waits behind another. */
interface Line {
  url: string
  connection: Connection
}

const SIGN_INS_AT_ONCE = 8
const LOAD_SECONDS = 0.5
const POLL_MS = 5
const PATIENCE_MS = 15_000

/** @returns how long after its answer a logout is refused by the last of all, one logout after the other */
export async function measureLogouts(stage: LogoutStage, count: number): Promise<Work> {
  const tokens = await signInTimes(stage, count)
  const auth = await openLine(stage.auth)
  const resourceServers = await Promise.all(stage.resourceServers.map(openLine))
  const busy = keepBusy(stage.load)
  const latencies: number[] = []
  const started = performance.now()
  try {
    for (const token of tokens) latencies.push(await timeToRefusal(auth, resourceServers, token))
  } finally {
    for (const { connection } of [auth, ...resourceServers]) connection.close()
    await busy.stop()
  }
  return {
    count,
    seconds: (performance.now() - started) / 1000,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  }
}

async function signInTimes({ signIn }: LogoutStage, count: number): Promise<string[]> {
  const tokens: string[] = []
  let begun = 0
  const some = async () => {
    while (begun++ < count) tokens.push(await signIn())
  }
  await Promise.all(Array.from({ length: SIGN_INS_AT_ONCE }, some))
  return tokens
}

function keepBusy(load: Loop): { stop(): Promise<void> } {
  let isStopped = false
  const running = (async () => {
    while (!isStopped) await load.run(LOAD_SECONDS)
  })()
  // Looked at in `stop`; till then it is no unhandled rejection.
  running.catch(() => {})
  return {
    stop() {
      isStopped = true
      return running
    },
  }
}

async function openLine({ url }: Server): Promise<Line> {
  const { hostname, port } = new URL(url)
  return { url, connection: await openConnection(hostname, Number(port)) }
}

async function timeToRefusal(auth: Line, resourceServers: readonly Line[], token: string): Promise<number> {
  // Each has seen and remembers it: a verifier that forgot the token would prove nothing.
  const before = await Promise.all(resourceServers.map((line) => ask(line, "GET", "/", token)))
  if (before.some((status) => status !== 200))
    throw new Error(`a live token was answered ${before.join(", ")}`)

  const status = await ask(auth, "POST", "/v1/auth/logout", token)
  if (status !== 200) throw new Error(`a logout was answered ${status}`)
  const answered = performance.now()
  await Promise.all(resourceServers.map((line) => untilRefused(line, token)))
  return performance.now() - answered
}

async function untilRefused(line: Line, token: string): Promise<void> {
  for (const deadline = performance.now() + PATIENCE_MS; ; await sleep(POLL_MS)) {
    const status = await ask(line, "GET", "/", token)
    if (status === 401) return
    if (status !== 200) throw new Error(`a revoked token was answered ${status}`)
    if (performance.now() > deadline) throw new Error("a revoked token was never refused")
  }
}

async function ask({ url, connection }: Line, method: "GET" | "POST", path: string, token: string) {
  const headers = { Authorization: "Bearer {token}" }
  const { status } = await connection.exchange(renderRequest({ url: url + path, method, headers }, token))
  return status
}
