import { setTimeout as sleep } from "node:timers/promises"
import type { Member } from "@gatepost/fleet"
import type { Random } from "../random.js"
import { startService } from "../service-process.js"
import { type Fault, must, took } from "./fault.js"
import { redisOf, watchProbes } from "./probes.js"

const BETWEEN_MS = 1_000
const ORDERS = 2
const EXIT_MS = 2_000

export const startOrder: Fault = {
  id: "R23",
  promise: "The parts may start in any order, and bad settings are named at once",
  fault:
    "everything is stopped, and PostgreSQL, Redis, the auth service and the others start one after the other, in random orders of the 24, two to a round",
  expected: "all become ready alone; a bad setting ends the start within 2 s, and is named",
  async inject(stage, rounds) {
    const times: number[] = []
    const auth = stage.members("auth")
    const others = stage.members("notifications", "mail-worker")
    const redis = redisOf(stage)
    const starts = [
      () => stage.site.startPostgres(),
      () => redis.start(),
      () => Promise.all(auth.map((member) => member.start())),
      () => Promise.all(others.map((member) => member.start())),
    ]
    for (let round = 0; round < rounds * ORDERS; round++) {
      await stage.during(["unavailable"], 500, async () => {
        await Promise.all([...auth, ...others].map((member) => member.stop("SIGKILL")))
        await redis.stop()
        await stage.site.stopPostgres("fast")
        const order = shuffled([0, 1, 2, 3], stage.random)
        stage.log(`starting in the order ${order.join(" ")}`)
        const started: Promise<unknown>[] = []
        for (const part of order) {
          started.push(starts[part]?.() ?? Promise.resolve())
          await sleep(BETWEEN_MS)
        }
        const last = performance.now()
        await Promise.all(started)
        await untilReady([...auth, ...stage.members("notifications")])
        times.push(performance.now() - last)
      })
    }
    const { said, code, ms } = await startBadly(auth[0]?.env ?? {})
    return [
      { text: `${times.length} orders, all ready by themselves` },
      took("all ready after the last part", times),
      must(
        `a bad PUBLIC_URL: exit ${code}, ${said.includes("PUBLIC_URL") ? "named" : `not named: ${said}`}`,
        code !== 0 && said.includes("PUBLIC_URL"),
      ),
      took("after", [ms], EXIT_MS),
    ]
  },
}

async function untilReady(members: readonly Member[]): Promise<void> {
  const watch = watchProbes(members)
  try {
    await watch.until(200)
  } finally {
    await watch.stop()
  }
}

async function startBadly(env: Record<string, string>) {
  const from = performance.now()
  const service = startService("auth", { ...env, PORT: "0", PUBLIC_URL: "no url" })
  const code = await service.exited
  return { code, said: service.said(), ms: performance.now() - from }
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const rest = [...items]
  return items.flatMap(() => rest.splice(random.below(rest.length), 1))
}
