import { spawn, spawnSync } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { type AddressInfo, createServer, type Socket } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { Redis } from "ioredis"

const READY_MS = 5_000
const MISSING = "redis-server is not installed (Debian: apt-get install redis-server): its tests are pending"

let shared: Promise<string> | undefined

/**
 * The URL of a private Redis, empty, one for the whole run; it ends with this process.
 *
 * @param test mocha's `this`: where Redis isn't installed the test is pending, but under `CI=true` it fails
 */
export async function testRedis(test: { skip(): void }): Promise<string> {
  if (spawnSync("redis-server", ["--version"]).error) {
    if (process.env.CI === "true") throw new Error(MISSING)
    console.log(`      ${MISSING}`)
    test.skip()
  }
  shared ??= startRedis()
  const url = await shared
  const redis = new Redis(url)
  await redis.flushall()
  redis.disconnect()
  return url
}

// Its own shell ends it when our end of the pipe closes, however this process dies.
const UNTIL_WE_ARE_GONE = `redis-server "$@" & cat; kill $!; wait; rm -rf "$GATEPOST_REDIS_DIR"`

async function startRedis(): Promise<string> {
  const directory = mkdtempSync(path.join(tmpdir(), "gatepost-redis-"))
  const port = await freePort()
  const options = { port, bind: "127.0.0.1", dir: directory, save: "", appendonly: "no" }
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  const shell = spawn("sh", ["-c", UNTIL_WE_ARE_GONE, "sh", ...args], {
    stdio: ["pipe", "ignore", "ignore"],
    env: { ...process.env, GATEPOST_REDIS_DIR: directory },
  })
  shell.unref()
  ;(shell.stdin as Socket).unref()

  const url = `redis://127.0.0.1:${port}`
  const redis = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null })
  redis.on("error", () => {})
  const timer = setTimeout(() => redis.disconnect(), READY_MS)
  await redis.ping()
  clearTimeout(timer)
  redis.disconnect()
  return url
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1")
  await new Promise((resolve) => probe.once("listening", resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
