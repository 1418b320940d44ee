import { setTimeout as sleep } from "node:timers/promises"
import { percentile } from "../statistics.js"
import type { Answer } from "./answer.js"
import { type Connection, openConnection } from "./connection.js"
import { createRequests } from "./requests.js"
import { atFixedRate, backToBack, type NextTurn } from "./turns.js"
import type { Work } from "./work.js"
import type { Workload } from "./workload.js"

// In a storm of sign-ins, a refresh of some peers takes a quarter of a minute.
const PATIENCE_MS = 45_000

/** A workload that can be run again and again; chains go on where they ended. */
export interface Loop {
  /** @throws when any answer is not as expected, or stays out */
  run(seconds: number): Promise<Work>
}

interface Slot {
  deadline: number
  nextTurn: NextTurn
  latencies: number[]
}

export function createLoop(workload: Workload): Loop {
  const { perSecond } = workload
  const requests = createRequests(workload)
  const { hostname, port } = new URL(workload.url)

  async function drive(connection: Connection, index: number, slot: Slot) {
    let isFirst = true
    for (let since = await slot.nextTurn(); since !== undefined; since = await slot.nextTurn()) {
      const answer = await connection.exchange(requests.next(index))
      if (workload.waitsWhenBusy && answer.retryAfterMs !== undefined) {
        await sleep(Math.max(0, Math.min(answer.retryAfterMs, slot.deadline - performance.now())))
        continue
      }
      if (answer.status !== workload.expect || (isFirst && !answer.body.includes(workload.contains ?? "")))
        throw unexpected(workload, answer)
      isFirst = false
      requests.answered(index, answer)
      slot.latencies.push(performance.now() - since)
    }
  }

  return {
    async run(seconds) {
      // Opened anew for each slot: servers close what is idle while others have their turn.
      const open = Array.from({ length: workload.connections }, () => openConnection(hostname, Number(port)))
      const connections = await Promise.all(open)
      const cpu = process.cpuUsage()
      const started = performance.now()
      const deadline = started + seconds * 1000
      const nextTurn =
        perSecond === undefined ? backToBack(deadline) : atFixedRate(perSecond, started, deadline)
      const slot: Slot = { deadline, nextTurn, latencies: [] }
      const close = () => {
        for (const connection of connections) connection.close()
      }
      const patience = setTimeout(close, seconds * 1000 + PATIENCE_MS)
      try {
        await Promise.all(connections.map((each, index) => drive(each, index, slot)))
      } finally {
        clearTimeout(patience)
        close()
      }

      const elapsedMs = performance.now() - started
      const { user, system } = process.cpuUsage(cpu)
      return {
        count: slot.latencies.length,
        seconds: elapsedMs / 1000,
        p50Ms: percentile(slot.latencies, 0.5),
        p99Ms: percentile(slot.latencies, 0.99),
        generatorBusy: (user + system) / 1000 / elapsedMs,
      }
    },
  }
}

function unexpected({ method, url }: Workload, { status, body }: Answer): Error {
  return new Error(`${method} ${new URL(url).pathname} answered ${status}: ${body.toString().slice(0, 300)}`)
}
