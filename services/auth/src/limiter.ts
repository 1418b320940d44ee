import { createLimiter, type Limiter, unlimited } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import { Redis } from "ioredis"

/** Where limits count: in Redis, if there is one, else in PostgreSQL. */
export function openLimiter(database: Database, redisUrl: string | undefined, isOn: boolean) {
  const redis = redisUrl ? openRedis(redisUrl) : undefined
  const store = redis
    ? ({ kind: "redis", client: redis } as const)
    : ({ kind: "postgres", db: database.db, schema: "auth" } as const)
  const limiter: Limiter = isOn ? createLimiter(store) : unlimited
  return { limiter, redis }
}

/** Limits fall back to memory at once while Redis is away, so nothing may queue up for it. */
function openRedis(url: string): Redis {
  const redis = new Redis(url, { enableOfflineQueue: false, connectTimeout: 1_000, commandTimeout: 500 })
  return redis.on("error", () => {})
}
