import { setTimeout as sleep } from "node:timers/promises"
import type { Bench } from "./bench.js"
import { CONNECTIONS } from "./connections.js"
import { httpSubject, type Server } from "./http-subject.js"
import { type Connection, openConnection } from "./load/connection.js"
import { renderRequest } from "./load/requests.js"
import type { Work } from "./load/work.js"
import { startNotifications } from "./ours/notifications-service.js"
import { HOARDER, type InboxSize, inboxDatabase, OWNER, userId } from "./parts/inbox-data.js"
import { openStream } from "./parts/open-stream.js"
import { query } from "./parts/postgres.js"
import { memoryOf } from "./processes/memory.js"
import type { Subject } from "./scenario.js"
import { percentile } from "./statistics.js"

/** One call of the owner's inbox, again and again. */
export const readSubject = (name: string, path: string, database: string, size: InboxSize): Subject =>
  httpSubject(
    name,
    async (bench) => startNotifications(bench, (await inboxDatabase(bench, database, size)).url),
    async ({ url }, bench) => ({
      url: `${url}/v1/notifications${path}`,
      method: "GET",
      headers: { Authorization: `Bearer ${(await bench.keyServer()).issueToken(OWNER)}` },
      expect: 200,
      connections: CONNECTIONS.me,
    }),
  )

/** Marks all as read, each time with everything unread again; one after the other. */
export const markAllSubject = (name: string, database: string, size: InboxSize): Subject =>
  sequence(name, database, size, async ({ bench, server, ownerUrl }) => {
    const token = (await bench.keyServer()).issueToken(HOARDER)
    return async (connection) => {
      await query(
        ownerUrl,
        `update notifications.inboxes set read_up_to = '-infinity', unread_count = ${size.unread}
         where user_id = '${HOARDER}'`,
      )
      return timed(connection, server, "/v1/notifications/mark-all-read", token)
    }
  })

/** Tells everyone, one thing after the other. */
export const broadcastSubject = (name: string, database: string, size: InboxSize): Subject =>
  sequence(name, database, size, async ({ bench, server, ownerUrl }) => {
    const token = (await bench.keyServer()).issueServiceToken()
    await query(ownerUrl, "delete from notifications.broadcasts")
    let sent = 0
    return async (connection) => {
      // Below the limit of how many there are at once.
      if (++sent % 500 === 0) await query(ownerUrl, "delete from notifications.broadcasts")
      return timed(connection, server, "/v1/notifications/broadcasts", token, MESSAGE)
    }
  })

const MESSAGE = JSON.stringify({ title: "News", body: "For all of you", expires_at: inAnHour() })

function inAnHour(): string {
  return new Date(Date.now() + 3_600_000).toISOString()
}

interface Stage {
  bench: Bench
  server: Server
  ownerUrl: string
}

function sequence(
  name: string,
  database: string,
  size: InboxSize,
  prepare: (stage: Stage) => Promise<(connection: Connection) => Promise<number>>,
): Subject {
  return {
    name,
    async start(bench) {
      const { url, ownerUrl } = await inboxDatabase(bench, database, size)
      const server = await startNotifications(bench, url)
      bench.onClose(server.stop)
      const once = await prepare({ bench, server, ownerUrl })
      const connection = await connect(server)
      return {
        pid: server.pid,
        stop: server.stop,
        measure: (seconds) => repeat(() => once(connection), seconds),
      }
    },
  }
}

/** Counts only the time of the calls, not of what prepares them. */
async function repeat(once: () => Promise<number>, seconds: number): Promise<Work> {
  const latencies: number[] = []
  const until = performance.now() + seconds * 1000
  while (performance.now() < until) latencies.push(await once())
  const spentMs = latencies.reduce((sum, latency) => sum + latency, 0)
  return {
    count: latencies.length,
    seconds: spentMs / 1000,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  }
}

const connect = ({ url }: Server) => {
  const { hostname, port } = new URL(url)
  return openConnection(hostname, Number(port))
}

async function timed(connection: Connection, { url }: Server, path: string, token: string, body?: string) {
  const headers = { Authorization: "Bearer {token}" }
  const request = { url: url + path, method: "POST" as const, headers, ...(body !== undefined && { body }) }
  const started = performance.now()
  const { status } = await connection.exchange(renderRequest(request, token))
  if (status !== 200 && status !== 201) throw new Error(`${path} was answered ${status}`)
  return performance.now() - started
}

/** So many open streams on one process, and how long a hint to all of them takes from the sender's first byte. */
export const streamsSubject = (name: string, count: number, database: string, size: InboxSize): Subject => ({
  name,
  async start(bench) {
    const { url, ownerUrl } = await inboxDatabase(bench, database, size)
    const server = await startNotifications(bench, url)
    bench.onClose(server.stop)
    const keyServer = await bench.keyServer()
    const heardAt = new Float64Array(count)
    const streams: { close(): void }[] = []
    for (let index = 0; index < count; index++) {
      const token = keyServer.issueToken(userId(10 + index))
      const heard = () => {
        heardAt[index] = performance.now()
      }
      streams.push(await openStream(server, token, heard))
    }
    const connection = await connect(server)
    const token = keyServer.issueServiceToken()
    return {
      pid: server.pid,
      async measure(seconds) {
        const latencies: number[] = []
        const until = performance.now() + seconds * 1000
        let rounds = 0
        while (performance.now() < until || rounds === 0) {
          // More than a second after the last hint, which would hold this one back.
          await sleep(2_000)
          heardAt.fill(0)
          const started = performance.now()
          if (count > 0) await timed(connection, server, "/v1/notifications/broadcasts", token, MESSAGE)
          while (heardAt.includes(0)) await sleep(5)
          for (const at of heardAt) latencies.push(at - started)
          rounds += 1
        }
        await query(ownerUrl, "delete from notifications.broadcasts")
        const figures =
          count > 0 ? { p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) } : {}
        return { count: rounds, seconds, ...figures, memoryMib: memoryOf(server.pid) }
      },
      async stop() {
        for (const stream of streams) stream.close()
        await server.stop()
      },
    }
  },
})
