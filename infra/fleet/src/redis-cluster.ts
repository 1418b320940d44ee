import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { type ChildServer, freePort, startRedis } from "@gatepost/testkit"
import { Redis } from "ioredis"
import { until } from "./waiting.js"

/** A Redis Cluster: three primaries and a replica of each. */
export interface RedisCluster {
  url: string
  /** `kill -9` of the first primary; its replica takes over by itself. Returns the port of the one that did. */
  killPrimary(): Promise<number>
  /** On each primary. */
  run(work: (redis: Redis) => Promise<unknown>): Promise<void>
  stop(): Promise<void>
}

const NODES = 6
const NODE_TIMEOUT_MS = 1_500
const run = promisify(execFile)

export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes = new Map<number, ChildServer>()
  while (nodes.size < NODES) {
    const port = await freePort()
    const settings = { "cluster-enabled": "yes", "cluster-node-timeout": NODE_TIMEOUT_MS }
    nodes.set(port, await startRedis(port, { ...settings, "cluster-port": await freePort() }))
  }
  const ports = [...nodes.keys()]
  const hosts = ports.map((port) => `127.0.0.1:${port}`)
  await run("redis-cli", ["--cluster", "create", ...hosts, "--cluster-replicas", "1", "--cluster-yes"])

  const on = async <Answer>(port: number, work: (redis: Redis) => Promise<Answer>) => {
    const redis = new Redis(port, { maxRetriesPerRequest: 1 }).on("error", () => {})
    return work(redis).finally(() => redis.disconnect())
  }
  const alive = () => ports.filter((port) => nodes.get(port)?.running())
  const primaries = async () => {
    const roles = await Promise.all(
      alive().map(async (port) => [port, await on(port, (redis) => redis.role())] as const),
    )
    return roles.flatMap(([port, [role]]) => (role === "master" ? [port] : []))
  }
  const isWhole = async () => {
    const answers = await Promise.all(alive().map((port) => on(port, (redis) => redis.cluster("INFO"))))
    return answers.every((info) => /cluster_state:ok/.test(info)) && (await primaries()).length === 3
  }
  // A replica that never had its primary's data is no replacement for it.
  const isReplicated = async () => {
    const answers = await Promise.all(
      (await primaries()).map((port) => on(port, (redis) => redis.info("replication"))),
    )
    return answers.every((info) => /slave0:.*state=online/.test(info))
  }
  await until("the cluster is whole", async () => (await isWhole()) && (await isReplicated()))

  return {
    url: `redis+cluster://${hosts.slice(0, 3).join(",")}`,
    async killPrimary() {
      const before = await primaries()
      await nodes.get(before[0] as number)?.stop("SIGKILL")
      await until("a replica took over", isWhole)
      return (await primaries()).find((port) => !before.includes(port)) ?? 0
    },
    async run(work) {
      for (const port of await primaries()) await on(port, work)
    },
    async stop() {
      await Promise.all([...nodes.values()].map((server) => server.running() && server.stop("SIGKILL")))
    },
  }
}
