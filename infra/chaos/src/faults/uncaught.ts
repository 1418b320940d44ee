import { setTimeout as sleep } from "node:timers/promises"
import { shim } from "../shims/index.js"
import { type Fault, must, took } from "./fault.js"

const POISON = "not what a job looks like"

export const uncaught: Fault = {
  id: "R21",
  promise: "An error that nobody caught ends a process in order, and poison in the queue ends nothing",
  fault:
    "an exception in the midst of a process of each service, which its supervisor starts again; malformed jobs in the mail queues",
  expected: "exit 1 after the requests under way, nothing acknowledged lost; mails go on",
  async inject(stage, rounds) {
    const codes: (number | null)[] = []
    const times: number[] = []
    for (let round = 0; round < rounds; round++) {
      await poison(stage.site.redis)
      for (const service of ["auth 1", "notifications 1", "mail-worker 1"]) {
        const [victim] = stage.members(service)
        if (!victim) continue
        victim.env.NODE_OPTIONS = shim("uncaught")
        await stage.during(["unavailable"], 500, () => victim.kill())
        await sleep(stage.random.next() * 1_000)
        stage.log(`${service} throws`)
        const thrown = performance.now()
        await stage.during(["unavailable"], 500, async () => {
          codes.push((await victim.end("SIGUSR2")).code)
          times.push(performance.now() - thrown)
          delete victim.env.NODE_OPTIONS
          await victim.start()
        })
      }
    }
    return [
      must(
        `${codes.length} exceptions, exit codes ${[...new Set(codes)].join(", ")}`,
        codes.every((code) => code === 1),
      ),
      took("from exception to exit", times),
    ]
  },
}

/** Into each queue's waiting list. */
async function poison(
  redis: { run<Answer>(work: (client: RedisClient) => Promise<Answer>): Promise<Answer> } | undefined,
) {
  await redis?.run(async (client) => {
    const queues = (await client.keys("bull:*:meta")).map((key) => key.slice(0, -":meta".length))
    for (const queue of queues) {
      await client.hset(`${queue}:poison`, { name: POISON, data: "{", opts: "{}", timestamp: "0" })
      await client.lpush(`${queue}:wait`, "poison")
    }
  })
}

interface RedisClient {
  keys(pattern: string): Promise<string[]>
  hset(key: string, fields: Record<string, string>): Promise<number>
  lpush(key: string, value: string): Promise<number>
}
