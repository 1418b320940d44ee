import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { type ChildServer, freePort, startRedis, startServer } from "@gatepost/testkit"
import { Redis } from "ioredis"
import { until } from "./waiting.js"

/** A Redis with a replica, and three Sentinels that agree on which is the primary. */
export interface SentinelRedis {
  url: string
  /** The port of the primary, as the Sentinels see it. */
  primary(): Promise<number>
  /** `kill -9`. */
  killPrimary(): Promise<void>
  /** It is there and answers nobody. */
  freezePrimary(): Promise<void>
  /** Resolves with the port of the new primary once the Sentinels have agreed on it. */
  failedOver(): Promise<number>
  /** Starts what was killed, and lets what was frozen go on: it becomes a replica. */
  revive(): Promise<void>
  /** On the primary. */
  run<Answer>(work: (redis: Redis) => Promise<Answer>): Promise<Answer>
  stop(): Promise<void>
}

const NAME = "gatepost"
const SENTINELS = 3
const DOWN_AFTER_MS = 1_000
const FAILOVER_TIMEOUT_MS = 5_000

export async function startSentinel(): Promise<SentinelRedis> {
  const folder = mkdtempSync(path.join(tmpdir(), "gatepost-sentinel-"))
  const first = await freePort()
  const servers = new Map<number, ChildServer>([[first, await startRedis(first)]])
  const second = await freePort()
  servers.set(second, await startRedis(second, replicaOf(first)))
  const ports: number[] = []
  const sentinels: ChildServer[] = []
  for (let index = 0; index < SENTINELS; index++) {
    const port = await freePort()
    ports.push(port)
    const file = path.join(folder, `${port}.conf`)
    writeFileSync(file, configuration(port, first, folder))
    sentinels.push(startServer("redis-server", [file, "--sentinel"]))
  }

  const ask = async <Answer>(work: (sentinel: Redis) => Promise<Answer>) => {
    const sentinel = new Redis(ports[0] as number, { maxRetriesPerRequest: 1 }).on("error", () => {})
    return work(sentinel).finally(() => sentinel.disconnect())
  }
  const primary = async () => {
    const answer = (await ask((sentinel) =>
      sentinel.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME),
    )) as string[]
    return Number(answer[1])
  }
  const run = async <Answer>(work: (redis: Redis) => Promise<Answer>) => {
    const redis = new Redis(await primary())
    redis.on("error", () => {})
    return work(redis).finally(() => redis.disconnect())
  }
  const state = async () => {
    const answer = (await ask((sentinel) => sentinel.call("SENTINEL", "MASTER", NAME))) as unknown
    return new Map(Array.isArray(answer) ? pairs(answer as string[]) : Object.entries(answer as object))
  }
  /** Each knows the others and the replica: only then they can agree. */
  await until("the Sentinels know each other", async () => {
    const known = await state().catch(() => undefined)
    return known?.get("num-slaves") === "1" && known.get("num-other-sentinels") === String(SENTINELS - 1)
  })
  let lost = first

  return {
    url: `redis+sentinel://${ports.map((port) => `127.0.0.1:${port}`).join(",")}/${NAME}`,
    primary,
    run,
    async killPrimary() {
      lost = await primary()
      await servers.get(lost)?.stop("SIGKILL")
    },
    async freezePrimary() {
      lost = await primary()
      servers.get(lost)?.signal("SIGSTOP")
    },
    async failedOver() {
      await until("the Sentinels agree on another primary", async () => {
        if ((await primary()) === lost) return false
        const role = await run((redis) => redis.role()).catch(() => [])
        return role[0] === "master"
      })
      return primary()
    },
    async revive() {
      const server = servers.get(lost)
      if (server?.running()) server.signal("SIGCONT")
      else servers.set(lost, await startRedis(lost, replicaOf(await primary())))
      await until("it is a replica", async () => {
        const info = await run((redis) => redis.info("replication"))
        return /connected_slaves:1/.test(info) && /state=online/.test(info)
      })
    },
    async stop() {
      for (const server of servers.values()) server.signal("SIGCONT")
      await Promise.all(
        [...sentinels, ...servers.values()].map((server) => server.running() && server.stop("SIGKILL")),
      )
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const replicaOf = (port: number) => ({ replicaof: `127.0.0.1 ${port}` })

const configuration = (port: number, primary: number, folder: string) => `port ${port}
bind 127.0.0.1
dir ${folder}
sentinel monitor ${NAME} 127.0.0.1 ${primary} 2
sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}
sentinel failover-timeout ${NAME} ${FAILOVER_TIMEOUT_MS}
`

function pairs(flat: string[]): [string, string][] {
  return flat.flatMap((name, index) =>
    index % 2 === 0 ? [[name, String(flat[index + 1])] as [string, string]] : [],
  )
}
