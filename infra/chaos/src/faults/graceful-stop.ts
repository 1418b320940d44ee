import { setTimeout as sleep } from "node:timers/promises"
import type { Member } from "@gatepost/fleet"
import type { Stage } from "../stage.js"
import { type Fault, must, took } from "./fault.js"

const DRAIN_SECONDS = 5
const EXIT_MS = 25_000

export const gracefulStop: Fault = {
  id: "R1",
  promise: "A graceful stop fails no request",
  fault:
    "SIGTERM, and again a second later, to each process of both APIs in turn, behind a balancer that asks /readyz",
  expected: "0 failed, 0 reset; exit 0 within 25 s",
  needs: { entry: "balancer", settings: { SHUTDOWN_DRAIN_SECONDS: String(DRAIN_SECONDS) } },
  perSecond: 30,
  async inject(stage, rounds) {
    const ends: number[] = []
    const codes: (number | null)[] = []
    for (let round = 0; round < rounds; round++) {
      for (const number of [1, 2]) {
        // One of each service at once: they have balancers of their own.
        const victims = stage.members(`auth ${number}`, `notifications ${number}`)
        await Promise.all(
          victims.map(async (victim) => {
            await sleep(stage.random.next() * 500)
            const { code, ms } = await terminate(stage, victim)
            codes.push(code)
            ends.push(ms)
            await victim.start()
          }),
        )
        await sleep(1_000)
      }
    }
    return [
      must(
        `${codes.length} stops, exit codes ${[...new Set(codes)].join(", ")}`,
        codes.every((code) => code === 0),
      ),
      took("from signal to exit", ends, EXIT_MS),
    ]
  },
}

async function terminate(stage: Stage, victim: Member) {
  stage.log(`SIGTERM ${victim.name}`)
  const told = performance.now()
  const ended = victim.end("SIGTERM")
  await Promise.race([ended, sleep(1_000)])
  const pid = victim.pid()
  if (pid) process.kill(pid, "SIGTERM")
  const { code } = await ended
  return { code, ms: performance.now() - told }
}
