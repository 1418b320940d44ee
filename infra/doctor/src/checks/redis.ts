import { Redis } from "ioredis"
import type { Check } from "../patient.js"
import { fail, ok, reasonOf, type Verdict, warn } from "../verdict.js"

const CONNECT_TIMEOUT_MS = 5_000

/** Redis answers, never drops a job to make room, and keeps what it has over a restart. */
export const redis: Check = {
  name: "redis",
  async run({ env }) {
    if (!env.REDIS_URL) return ok("none is used: queues and limits are in PostgreSQL")
    const client = new Redis(env.REDIS_URL, {
      lazyConnect: true,
      connectTimeout: CONNECT_TIMEOUT_MS,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    })
    const errors: Error[] = []
    client.on("error", (error) => errors.push(error))
    try {
      await client.connect()
      return await inspect(client)
    } catch (cause) {
      const { host } = new URL(env.REDIS_URL)
      return fail(`no answer at ${host}: ${reasonOf(errors[0] ?? cause)}`, "start it, or correct REDIS_URL")
    } finally {
      client.disconnect()
    }
  },
}

async function inspect(client: Redis): Promise<Verdict> {
  const info = await client.info()
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
