import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { tryLock } from "../process-lock.mjs"
import { makeFolder, removeFolder } from "./support/folders.js"

const HOLDER = fileURLToPath(new URL("./fixtures/lock-holder.js", import.meta.url))

describe("the lock between processes", () => {
  const folder = makeFolder()
  after(() => removeFolder(folder))

  const race = (rounds: number, deaths: number) =>
    Promise.all(
      Array.from({ length: 8 }, async () => {
        const holder = spawn(process.execPath, [HOLDER, folder, String(rounds), String(deaths)], {
          stdio: "inherit",
        })
        return (await once(holder, "exit")) as [number | null, string | null]
      }),
    )

  it("has one holder at a time among eight processes", async () => {
    writeFileSync(path.join(folder, "counter"), "0")
    const ends = await race(10, 0)

    assert.deepEqual(new Set(ends.map(([code]) => code)), new Set([0]))
    assert.equal(readFileSync(path.join(folder, "counter"), "utf8"), "80")
  })

  it("has one holder at a time while holders are killed with it", async () => {
    const ends = await race(30, 0.1)

    // Each either finished or was killed; had two been inside at once, one would have failed with 1.
    for (const [code, signal] of ends) assert.ok(code === 0 || signal === "SIGKILL", `${code} ${signal}`)
    assert.ok(ends.some(([, signal]) => signal === "SIGKILL"))
    assert.ok(tryLock(path.join(folder, "lock")).lock)
  })

  it("tells who holds it and what that one said", () => {
    const place = path.join(folder, "told")
    const { lock } = tryLock(place, { url: "http://localhost:1" })

    assert.deepEqual(tryLock(place), { holder: { pid: process.pid, note: { url: "http://localhost:1" } } })
    lock?.release()
    assert.ok(tryLock(place).lock)
  })

  it("stays held while a process that was included lives", async () => {
    const place = path.join(folder, "included")
    const script = `
      const { tryLock } = await import(process.argv[1])
      const { lock } = tryLock(process.argv[2])
      const child = (await import("node:child_process")).spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["inherit", "ignore", "ignore"] })
      lock.include(child.pid)
      process.kill(process.pid, "SIGKILL")`
    const library = fileURLToPath(new URL("../process-lock.mjs", import.meta.url))
    const starter = spawn(process.execPath, ["--input-type=module", "-e", script, library, place], {
      stdio: ["pipe", "ignore", "inherit"],
    })
    await once(starter, "exit")
    const { holder } = tryLock(place)
    assert.ok(holder)

    process.kill(holder.pid, "SIGKILL")
    for (;;) {
      const attempt = tryLock(place)
      if (attempt.lock) return assert.equal(attempt.tookOver, true)
    }
  })
})
