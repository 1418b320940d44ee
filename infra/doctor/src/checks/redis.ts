import { setTimeout as sleep } from "node:timers/promises"
import { isLoopback, readRedisUrl } from "@gatepost/runtime"
import { openRedis, type RedisClient } from "@gatepost/runtime/redis"
import type { Check } from "../patient.js"
import { fail, ok, reasonOf, type Verdict, warn } from "../verdict.js"

const LIMIT_MS = 5_000

/** Redis answers, never drops a job to make room, and keeps what it has over a restart: each primary of it. */
export const redis: Check = {
  name: "redis",
  async run({ env }) {
    if (!env.REDIS_URL) return ok("none is used: queues and limits are in PostgreSQL")
    const { nodes, kind, tls } = readRedisUrl(env.REDIS_URL)
    const client = openRedis(env.REDIS_URL, "tell")
    const errors: Error[] = []
    client.on("error", (error: Error) => errors.push(error))
    try {
      const infos = await Promise.race([
        infosOf(client),
        sleep(LIMIT_MS, undefined, { ref: false }).then(() => Promise.reject(new Error("no answer in time"))),
      ])
      const verdicts = infos.map(judge)
      const worst = ["fail", "warn", "ok"].flatMap((level) => verdicts.filter((each) => each.level === level))
      const { says, ...verdict } = worst[0] ?? fail("no primary", "see the nodes of the cluster")
      const said = kind === "server" ? says : `${kind} (${infos.length}): ${says}`
      if (verdict.level === "ok" && !tls && !nodes.every(({ host }) => isLoopback(host)))
        return warn(`${said}, in clear text`, "REDIS_URL with rediss://, unless the network between is yours")
      return { ...verdict, says: said }
    } catch (cause) {
      const where = nodes.map(({ host, port }) => `${host}:${port}`).join(", ")
      return fail(`no answer at ${where}: ${reasonOf(errors[0] ?? cause)}`, "start it, or correct REDIS_URL")
    } finally {
      client.disconnect()
    }
  },
}

async function infosOf(client: RedisClient): Promise<string[]> {
  if (!("nodes" in client)) return [await client.info()]
  await client.ping()
  return Promise.all(client.nodes("master").map((node) => node.info()))
}

function judge(info: string): Verdict {
  const entry = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? "unknown"
  const policy = entry("maxmemory_policy")
  const found = `Redis ${entry("redis_version")}, ${policy}, AOF ${entry("aof_enabled") === "1" ? "on" : "off"}`
  if (entry("role") === "slave") return fail(`${found}, a replica`, "have REDIS_URL name the primary")
  if (policy !== "noeviction")
    return fail(found, "CONFIG SET maxmemory-policy noeviction: it would drop jobs")
  if (entry("aof_enabled") !== "1")
    return warn(
      found,
      "CONFIG SET appendonly yes: else a restart forgets limits, and mails wait for the sweeper",
    )
  return ok(found)
}
