import type { Work } from "../scenario.js"
import { percentile } from "../statistics.js"
import type { Answer } from "./answer.js"
import { type Connection, openConnection } from "./connection.js"
import { createRequests } from "./requests.js"
import type { Workload } from "./workload.js"

const PATIENCE_MS = 15_000

/** A workload that can be run again and again; chains go on where they ended. */
export interface ClosedLoop {
  /** @throws when any answer is not as expected, or stays out */
  run(seconds: number): Promise<Work>
}

/** Each connection sends its next request when its last one is answered. */
export function createClosedLoop(workload: Workload): ClosedLoop {
  const requests = createRequests(workload)
  const { hostname, port } = new URL(workload.url)

  async function drive(connection: Connection, index: number, deadline: number, latencies: number[]) {
    let sent = performance.now()
    for (let first = true; sent < deadline; first = false) {
      const answer = await connection.exchange(requests.next(index))
      if (answer.status !== workload.expect || (first && !answer.body.includes(workload.contains ?? "")))
        throw unexpected(workload, answer)
      requests.answered(index, answer)
      const now = performance.now()
      latencies.push(now - sent)
      sent = now
    }
  }

  return {
    async run(seconds) {
      // Opened anew for each slot: servers close what is idle while others have their turn.
      const open = Array.from({ length: workload.connections }, () => openConnection(hostname, Number(port)))
      const connections = await Promise.all(open)
      const latencies: number[] = []
      const cpu = process.cpuUsage()
      const started = performance.now()
      const patience = setTimeout(
        () => {
          for (const connection of connections) connection.close()
        },
        seconds * 1000 + PATIENCE_MS,
      )
      try {
        const deadline = started + seconds * 1000
        await Promise.all(connections.map((each, index) => drive(each, index, deadline, latencies)))
      } finally {
        clearTimeout(patience)
        for (const connection of connections) connection.close()
      }

      const elapsedMs = performance.now() - started
      const { user, system } = process.cpuUsage(cpu)
      return {
        count: latencies.length,
        seconds: elapsedMs / 1000,
        p50Ms: percentile(latencies, 0.5),
        p99Ms: percentile(latencies, 0.99),
        generatorBusy: (user + system) / 1000 / elapsedMs,
      }
    },
  }
}

function unexpected({ method, url }: Workload, { status, body }: Answer): Error {
  return new Error(`${method} ${new URL(url).pathname} answered ${status}: ${body.toString().slice(0, 300)}`)
}
