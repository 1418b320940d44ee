import { createLimiter, type Limiter, unlimited } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import type { Logger } from "@gatepost/runtime"
import { openRedis } from "@gatepost/runtime/redis"

/** Where limits count: in Redis, if there is one, else in PostgreSQL. */
export function openLimiter(
  database: Database,
  redisUrl: string | undefined,
  isOn: boolean,
  logger: Pick<Logger, "info" | "warn">,
) {
  // Limits fall back to memory at once while Redis is away, so nothing may queue up for it.
  const redis = redisUrl ? openRedis(redisUrl, "fail") : undefined
  if (redis) tellWhenAway(redis, logger)
  const store = redis
    ? ({ kind: "redis", client: redis } as const)
    : ({ kind: "postgres", db: database.db, schema: "auth" } as const)
  const limiter: Limiter = isOn ? createLimiter(store) : unlimited
  return { limiter, redis }
}

function tellWhenAway(redis: ReturnType<typeof openRedis>, logger: Pick<Logger, "info" | "warn">): void {
  let isAway = false
  redis.on("error", (err: Error) => {
    if (!isAway) logger.warn({ err }, "Redis is away: each process limits by itself, at half the numbers")
    isAway = true
  })
  redis.on("ready", () => {
    if (isAway) logger.info("Redis is back: limits are shared again")
    isAway = false
  })
}
