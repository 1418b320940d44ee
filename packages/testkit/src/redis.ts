import { freePort } from "@gatepost/local"
import { Redis } from "ioredis"
import { needs, serverFolder, startServer } from "./child-server.js"

const READY_MS = 5_000
const MISSING = "redis-server is not installed (Debian: apt-get install redis-server): its tests are pending"

let shared: Promise<string> | undefined

/**
 * The URL of a private Redis, empty, one for the whole run; it ends with this process.
 *
 * @param test mocha's `this`: where Redis isn't installed the test is pending, but under `CI=true` it fails
 */
export async function testRedis(test: { skip(): void }): Promise<string> {
  needs(test, "redis-server", ["--version"], MISSING)
  shared ??= startShared()
  const url = await shared
  const redis = new Redis(url)
  await redis.flushall()
  redis.disconnect()
  return url
}

/** One that a test may stop, kill and fill: its own, on a port that stays the same. */
export async function ownRedis(test: { skip(): void }) {
  needs(test, "redis-server", ["--version"], MISSING)
  const port = await freePort()
  let server = await startRedis(port)
  return {
    url: `redis://127.0.0.1:${port}`,
    /** It keeps nothing, so it comes back empty. */
    stop: () => server.stop(),
    async start() {
      server = await startRedis(port)
    },
    async run<Answer>(work: (redis: Redis) => Promise<Answer>): Promise<Answer> {
      const redis = new Redis(port)
      return work(redis).finally(() => redis.disconnect())
    },
  }
}

async function startShared(): Promise<string> {
  const port = await freePort()
  await startRedis(port)
  return `redis://127.0.0.1:${port}`
}

/** One more, with settings of its own; it listens when this resolves. */
export async function startRedis(port: number, settings: Record<string, string | number> = {}) {
  const folder = serverFolder("redis")
  const nothingKept = { save: "", appendonly: "no" }
  // A replica need not wait for others that may want the same.
  const atOnce = { "repl-diskless-sync-delay": 0 }
  const options = { port, bind: "127.0.0.1", dir: folder, ...nothingKept, ...atOnce, ...settings }
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  const server = startServer("redis-server", args, folder)

  const redis = new Redis(port, { retryStrategy: () => 50, maxRetriesPerRequest: null })
  redis.on("error", () => {})
  const timer = setTimeout(() => redis.disconnect(), READY_MS)
  await redis.ping()
  clearTimeout(timer)
  redis.disconnect()
  return server
}
