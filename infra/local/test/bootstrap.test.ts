import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import path from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { makeFolder, removeFolder } from "./support/folders.js"
import { until } from "./support/until.js"

const HERE = fileURLToPath(new URL("../", import.meta.url))
// Stands in for the compiler, so that nothing is fetched: counts its runs, and fails on a source that says so.
const COMPILER = `
  const fs = require("node:fs")
  fs.appendFileSync("compiled", "x")
  if (fs.readFileSync("packages/one/src/a.ts", "utf8").includes("wrong")) {
    console.log("packages/one/src/a.ts(1,1): error TS0: this is wrong")
    process.exit(2)
  }
  fs.mkdirSync("packages/one/dist", { recursive: true })
  fs.writeFileSync("packages/one/dist/.tsbuildinfo", "{}")`

/** A small clone with the real bootstrap. */
function makeClone(): string {
  const clone = makeFolder()
  const write = (file: string, content: unknown) => {
    mkdirSync(path.dirname(path.join(clone, file)), { recursive: true })
    writeFileSync(path.join(clone, file), typeof content === "string" ? content : JSON.stringify(content))
  }
  for (const part of ["bootstrap.mjs", "bootstrap", "process-lock.mjs"])
    cpSync(path.join(HERE, part), path.join(clone, "infra/local", part), { recursive: true })

  const dependencies = { typescript: "file:compiler" }
  const compiler = { name: "typescript", version: "7.0.2", bin: { tsc: "tsc.cjs" } }
  write("package.json", { name: "small", version: "1.0.0", private: true, dependencies })
  write("compiler/package.json", compiler)
  write("compiler/tsc.cjs", COMPILER)
  write("packages/one/tsconfig.json", {})
  write("packages/one/src/a.ts", "export const a = 1")
  write("package-lock.json", {
    name: "small",
    version: "1.0.0",
    lockfileVersion: 3,
    requires: true,
    packages: {
      "": { name: "small", version: "1.0.0", dependencies },
      compiler,
      "node_modules/typescript": { resolved: "compiler", link: true },
    },
  })
  return clone
}

describe("the bootstrap", () => {
  const clone = makeClone()
  after(() => removeFolder(clone))

  const compiled = () => readFileSync(path.join(clone, "compiled"), "utf8").length
  const source = path.join(clone, "packages/one/src/a.ts")

  async function bootstrap(env: Record<string, string> = {}, user: { uid?: number; gid?: number } = {}) {
    const child = spawn(process.execPath, [path.join(clone, "infra/local/bootstrap.mjs")], {
      ...user,
      cwd: "/",
      env: { PATH: process.env.PATH, npm_config_offline: "true", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    })
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    await until(() => child.exitCode !== null)
    return { stdout, stderr, code: child.exitCode }
  }

  it("installs and builds once for three that come at the same time", async () => {
    const all = await Promise.all([bootstrap(), bootstrap({ HOME: "" }), bootstrap()])

    assert.deepEqual(
      all.map(({ code, stdout }) => [code, stdout]),
      Array(3).fill([0, ""]),
      JSON.stringify(all),
    )
    const said = all.map(({ stderr }) => stderr).join("")
    assert.match(said, /^Installing packages \(first time only\) … \d[\d.]* s *$/m)
    assert.match(said, /^Building … \d[\d.]* s *$/m)
    assert.match(said, /^Waiting for another install or build here \(process \d+\) …$/m)
    assert.equal(compiled(), 1)
  })

  it("says nothing and does nothing when nothing has changed", async () => {
    assert.deepEqual(await bootstrap(), { stdout: "", stderr: "", code: 0 })
    assert.equal(compiled(), 1)
  })

  it("builds when a source has changed or an output is gone, and does not install", async () => {
    writeFileSync(source, "export const a = 12")
    const { stderr } = await bootstrap()
    assert.match(stderr, /^Building … \S+ s\s*$/)
    rmSync(path.join(clone, "packages/one/dist"), { recursive: true })
    await bootstrap()
    assert.equal(compiled(), 3)
  })

  it("removes the output of a source that is gone", async () => {
    const orphan = path.join(clone, "packages/one/dist/gone")
    for (const ending of [".js", ".d.ts"]) writeFileSync(orphan + ending, "")
    writeFileSync(source, "export const a = 123")
    await bootstrap()
    assert.equal(existsSync(`${orphan}.js`), false)
  })

  it("shows a failed build whole, exits with 1, and tries again the next time", async () => {
    writeFileSync(source, "wrong")
    for (let time = 0; time < 2; time++) {
      const { code, stderr } = await bootstrap()
      assert.equal(code, 1)
      assert.match(stderr, /a\.ts\(1,1\): error TS0: this is wrong/)
    }
    writeFileSync(source, "right")
    assert.equal((await bootstrap()).code, 0)
  })

  it("installs again when the lock file has changed, and shows a failed install whole", async () => {
    const lockFile = path.join(clone, "package-lock.json")
    const good = readFileSync(lockFile, "utf8")
    writeFileSync(lockFile, good.replace('"node_modules/typescript"', '"node_modules/another"'))
    const failed = await bootstrap()
    assert.equal(failed.code, 1)
    assert.match(failed.stderr, /npm error/)

    writeFileSync(lockFile, `${good}\n`)
    const { code, stderr } = await bootstrap()
    assert.equal(code, 0, stderr)
    assert.match(stderr, /^Installing packages/)
  })

  it("accepts what somebody's own npm install has left", async () => {
    rmSync(path.join(clone, "node_modules/.gatepost-installed"))
    const { code, stderr } = await bootstrap()
    assert.deepEqual([code, stderr], [0, ""])
  })

  it("works for an ordinary user without a home", async function () {
    if (process.getuid?.() !== 0) return this.skip() // it is an ordinary user anyway
    rmSync(path.join(clone, "node_modules"), { recursive: true })
    rmSync(path.join(clone, ".gatepost"), { recursive: true })
    rmSync(path.join(clone, "compiled"))
    for (const entry of ["", ...(readdirSync(clone, { recursive: true }) as string[])])
      chownSync(path.join(clone, entry), 65_534, 65_534)

    const { code, stderr } = await bootstrap({ HOME: "/nonexistent" }, { uid: 65_534, gid: 65_534 })
    assert.equal(code, 0, stderr)
    assert.equal(statSync(path.join(clone, "node_modules")).uid, 65_534)
  })
})
