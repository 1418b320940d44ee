import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { Redis } from "ioredis"

const READY_MS = 5_000
const MISSING = "redis-server is not installed (Debian: apt-get install redis-server): its tests are pending"

let shared: Promise<string> | undefined
let server: ChildProcess | undefined

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

async function startRedis(): Promise<string> {
  const directory = mkdtempSync(path.join(tmpdir(), "gatepost-redis-"))
  const port = await freePort()
  const options = { port, bind: "127.0.0.1", dir: directory, save: "", appendonly: "no" }
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  server = spawn("redis-server", args, { stdio: "ignore" })
  server.unref()
  process.once("exit", () => {
    server?.kill("SIGKILL")
    rmSync(directory, { recursive: true, force: true })
  })

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
