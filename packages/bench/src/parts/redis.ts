import { spawn, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { freePort } from "@gatepost/local"
import { endProcess, tailOf } from "../processes/end-process.js"

export interface BenchRedis {
  url: string
  stop(): Promise<void>
}

const READY_MS = 5_000
const POLL_MS = 50

/** Whether this machine has Redis installed. */
export const hasRedis = (): boolean => !spawnSync("redis-server", ["--version"]).error

/** A private Redis that keeps nothing on the disk. */
export async function startRedis(): Promise<BenchRedis> {
  const dir = mkdtempSync(path.join(tmpdir(), "gatepost-bench-redis-"))
  const port = await freePort()
  const settings = { port, bind: "127.0.0.1", dir, save: "", appendonly: "no" }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
  const server = spawn("redis-server", args, { stdio: ["ignore", "ignore", "pipe"] })
  const tail = tailOf(server)

  for (const deadline = Date.now() + READY_MS; !(await accepts(port)); await sleep(POLL_MS)) {
    if (Date.now() > deadline) throw new Error(`redis-server did not start:\n${tail()}`)
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      await endProcess(server)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    const settle = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once("connect", () => settle(true)).once("error", () => settle(false))
  })
}
