import { createLimiter, type Limiter, unlimited } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import { openRedis } from "@gatepost/runtime/redis"

/** Where limits count: in Redis, if there is one, else in PostgreSQL. */
export function openLimiter(database: Database, redisUrl: string | undefined, isOn: boolean) {
  // Limits fall back to memory at once while Redis is away, so nothing may queue up for it.
  const redis = redisUrl ? openRedis(redisUrl, "fail").on("error", () => {}) : undefined
  const store = redis
    ? ({ kind: "redis", client: redis } as const)
    : ({ kind: "postgres", db: database.db, schema: "auth" } as const)
  const limiter: Limiter = isOn ? createLimiter(store) : unlimited
  return { limiter, redis }
}
