import { setTimeout as sleep } from "node:timers/promises"
import { startService } from "../service-process.js"
import { shim } from "../shims/index.js"
import type { Stage } from "../stage.js"
import { type Fault, must } from "./fault.js"

const SMALL_MS = 25_000
const LARGE_MS = 90_000

export const clock: Fault = {
  id: "R11",
  promise: "A clock that is a little wrong is not felt, and one that is very wrong is noticed",
  fault:
    "one process of each API runs 25 s ahead, then 25 s behind, under load; another one beside them 90 s ahead and behind",
  expected:
    "±25 s: 0 failed requests; ±90 s: the auth service says it is not ready, and a resource server refuses tokens of the future",
  async inject(stage, rounds) {
    const victims = stage.members("auth 1", "notifications 1")
    for (let round = 0; round < rounds; round++) {
      for (const offset of [SMALL_MS, -SMALL_MS]) {
        stage.log(`${offset} ms`)
        for (const victim of victims) {
          Object.assign(victim.env, skewed(offset))
          await stage.during(["unavailable"], 500, () => victim.kill())
        }
        await sleep(4_000)
      }
    }
    for (const victim of victims) {
      delete victim.env.NODE_OPTIONS
      await stage.during(["unavailable"], 500, () => victim.kill())
    }
    const [auth, notifications] = [stage.members("auth")[0]?.env ?? {}, victims[1]?.env ?? {}]
    const behind = await readAt(stage, { ...notifications, ...skewed(-LARGE_MS) })
    const readiness = [
      await readyAt({ ...auth, ...skewed(LARGE_MS) }),
      await readyAt({ ...auth, ...skewed(-LARGE_MS) }),
    ]
    return [
      must(`90 s behind, a new token is answered ${behind}`, behind === 401),
      must(
        `auth 90 s ahead and behind: /readyz ${readiness.join(", ")}`,
        readiness.every((status) => status === 503),
      ),
    ]
  },
}

const skewed = (ms: number) => ({ NODE_OPTIONS: shim("clock"), CHAOS_CLOCK_MS: String(ms) })

/** What a process of the notifications API answers to a token that was made now. */
async function readAt({ client, load }: Stage, env: Record<string, string>): Promise<number> {
  const person = load.people.at(-1)
  const json = { email: person?.email, password: person?.password }
  const { answer } = await client.call({ op: "login", path: "/v1/auth/login", expect: [200], json })
  return askAt("notifications", env, "/v1/notifications", String(answer?.body.access_token))
}

const readyAt = (env: Record<string, string>) => askAt("auth", env, "/readyz")

async function askAt(service: string, env: Record<string, string>, path: string, token?: string) {
  const process = startService(service, { ...env, PORT: "0", METRICS_PORT: "" })
  try {
    const port = await process.ready
    const headers = token ? { Authorization: `Bearer ${token}` } : {}
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
    await answer.arrayBuffer()
    return answer.status
  } finally {
    await process.stop()
  }
}
