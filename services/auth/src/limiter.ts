import { createLimiter, type Limiter, unlimited } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import type { Logger } from "@gatepost/runtime"
import { Redis } from "ioredis"

/** Where limits count: in Redis, if there is one, else in PostgreSQL. */
export function openLimiter(
  database: Database,
  redisUrl: string | undefined,
  isOn: boolean,
  logger: Pick<Logger, "info" | "warn">,
) {
  const redis = redisUrl ? openRedis(redisUrl, logger) : undefined
  const store = redis
    ? ({ kind: "redis", client: redis } as const)
    : ({ kind: "postgres", db: database.db, schema: "auth" } as const)
  const limiter: Limiter = isOn ? createLimiter(store) : unlimited
  return { limiter, redis }
}

/** Limits fall back to memory at once while Redis is away, so nothing may queue up for it. */
function openRedis(url: string, logger: Pick<Logger, "info" | "warn">): Redis {
  const redis = new Redis(url, { enableOfflineQueue: false, connectTimeout: 1_000, commandTimeout: 500 })
  let isAway = false
  return redis
    .on("error", (err: Error) => {
      if (!isAway) logger.warn({ err }, "Redis is away: each process limits by itself, at half the numbers")
      isAway = true
    })
    .on("ready", () => {
      if (isAway) logger.info("Redis is back: limits are shared again")
      isAway = false
    })
}
