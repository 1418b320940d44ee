import { readFileSync } from "node:fs"
import { connect, type Socket } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import type { Member } from "@gatepost/fleet"
import { quantile } from "../statistics.js"
import { type Fault, must, took } from "./fault.js"

const HEADERS = 300
const BODIES = 150
const IDLE = 600
const WAIT_MS = 35_000
const DRIP_MS = 1_000
const P99_MS = 250

export const slowloris: Fault = {
  id: "R15",
  promise: "Sockets that dribble or idle, and giant bodies, harm nobody",
  fault:
    "at one process: 300 sockets that dribble headers, 150 that dribble bodies, 600 that say nothing; JSON 64 KiB deep",
  expected:
    "the others are served (p99 below 250 ms), dribblers are closed by the time limits, less than 100 MB more memory",
  async inject(stage, rounds) {
    const [victim] = stage.members("auth")
    if (!victim) throw new Error("there is nobody to bother")
    const port = Number(victim.env.PORT)
    const seen = stage.client.samples.length
    const before = memoryOf(victim)
    const closings: number[] = []
    let sent = 0
    let refused = 0
    for (let round = 0; round < rounds; round++) {
      const sockets = [
        ...open(port, HEADERS, "GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: "),
        ...open(
          port,
          BODIES,
          "POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n{",
        ),
      ]
      const idle = open(port, IDLE, "")
      const from = performance.now()
      while (sockets.some((socket) => !socket.destroyed) && performance.now() - from < WAIT_MS) {
        for (const socket of sockets) if (!socket.destroyed) socket.write("a")
        sent++
        refused += Number(await isRefused(stage.fleet.url))
        await sleep(DRIP_MS)
      }
      closings.push(performance.now() - from)
      const left = sockets.filter((socket) => !socket.destroyed).length
      for (const socket of [...sockets, ...idle]) socket.destroy()
      if (left > 0) return [must(`${left} dribblers were never closed`, false)]
    }
    const during = stage.client.samples.slice(seen).map(({ ms }) => ms)
    const grown = memoryOf(victim) - before
    return [
      must(`${refused} of ${sent} deep bodies refused`, refused === sent),
      took("all dribblers closed after", closings),
      took("p99 of the others", [quantile(during, 0.99)], P99_MS),
      must(`${Math.round(grown)} MB more memory`, grown < 100),
    ]
  },
}

function open(port: number, count: number, begin: string): Socket[] {
  return Array.from({ length: count }, () => {
    const socket = connect(port, "127.0.0.1")
    socket.on("error", () => {}).resume()
    socket.write(begin)
    return socket
  })
}

async function isRefused(url: string): Promise<boolean> {
  const body = `{"email":${"[".repeat(32_000)}${"]".repeat(32_000)}}`
  const headers = { "Content-Type": "application/json" }
  const answer = await fetch(`${url}/v1/auth/login`, { method: "POST", headers, body })
  await answer.arrayBuffer()
  return answer.status >= 400 && answer.status < 500
}

/** Resident, in MB. */
export function memoryOf(member: Member): number {
  const status = readFileSync(`/proc/${member.pid()}/status`, "utf8")
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024
}
