import { closeSync, openSync, rmSync, writeSync } from "node:fs"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { type Fault, must, took } from "./fault.js"

const FULL_MS = 6_000
const FELT_MS = 3_000
const BLOCK = Buffer.alloc(1 << 20)

export const fullDisk: Fault = {
  id: "R14",
  promise: "A full disk under PostgreSQL costs nothing that was acknowledged",
  fault:
    "PGDATA on a tmpfs of 400 MB that is filled to the last byte for 6 s; should PostgreSQL end by that, it is started when there is space, as its unit would be",
  expected: "503 to those who write; as before when there is space again",
  needs: { diskMegabytes: 400 },
  async inject(stage, rounds) {
    const returns: number[] = []
    let refused = 0
    for (let round = 0; round < rounds; round++) {
      await stage.during(["unavailable"], FELT_MS, async () => {
        stage.log("the disk is full")
        const ballast = fill(stage.disk ?? "")
        // PostgreSQL keeps space for its log: a checkpoint has it look for more.
        await stage.site.query("select pg_switch_wal()").catch(() => {})
        const seen = stage.client.samples.length
        await sleep(FULL_MS)
        refused += stage.client.samples.slice(seen).filter(({ verdict }) => verdict === "unavailable").length
        rmSync(ballast)
        await stage.site.startPostgres()
        returns.push(await stage.untilGood("refresh"))
      })
    }
    return [
      must(`${rounds} times full, ${refused} writes refused`, refused > 0),
      took("first refresh when there is space", returns),
    ]
  },
}

function fill(folder: string): string {
  const name = path.join(folder, "ballast")
  const file = openSync(name, "w")
  try {
    for (;;) if (writeSync(file, BLOCK) < BLOCK.length) break
  } catch {
    // ENOSPC, which is what was wanted.
  }
  closeSync(file)
  return name
}
