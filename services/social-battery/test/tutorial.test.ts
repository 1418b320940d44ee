import assert from "node:assert/strict"
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { freePort } from "@gatepost/testkit"
import { CLONE, type Gatepost, startGatepost } from "./support/gatepost.js"

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8")
const tutorial = README.slice(README.indexOf("## Protect your own API"), README.indexOf("## This service"))

const blocks = (language: string) =>
  [...tutorial.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    ([, text = ""]) => text,
  )

/** The commands and the file of the README are run as they stand there, but for the ports and two paths. */
describe("the tutorial", () => {
  let gatepost: Gatepost
  let folder: string
  let port: number
  let server: ChildProcess | undefined

  before(async function () {
    this.timeout(60_000)
    gatepost = await startGatepost()
    port = await freePort()
    // Inside of the clone, so that what `npm install` would bring is found without a network.
    folder = mkdtempSync(path.join(CLONE, "services/social-battery/dist-test/my-api-"))
  })
  after(async () => {
    server?.kill()
    rmSync(folder, { recursive: true, force: true })
    await gatepost.stop()
  })

  const placed = (text: string) =>
    text
      .replaceAll("http://localhost:8000", gatepost.url)
      .replaceAll("localhost:3000", `localhost:${port}`)
      .replace("listen(3000", `listen(${port}`)

  async function startServer(command: string): Promise<void> {
    const env = { PATH: process.env.PATH }
    server = spawn("bash", ["-c", `exec env ${command}`], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "inherit"],
    })
    assert.ok(server.stdout)
    const [line] = await once(server.stdout, "data")
    assert.equal(String(line), `http://localhost:${port}\n`)
    while (!(await fetch(`http://localhost:${port}/readyz`)).ok) await sleep(20)
  }

  it("goes as it says", async function () {
    this.timeout(60_000)
    const [install = "", firstCalls = "", restart = "", lastCalls = "", ...others] = blocks("sh")
    const [file = "", ...otherFiles] = blocks("js")
    assert.deepEqual([others, otherFiles], [[], []])

    // 2: the package that `npm pack` makes has all it needs; its dependencies are those of the clone.
    const [pack = "", move = "", , add] = install.trim().split("\n")
    assert.equal(add, "npm install express ./gatepost-token-verifier-0.1.0.tgz")
    execFileSync("bash", ["-ec", `${pack} --pack-destination ${folder}`], { cwd: CLONE, stdio: "pipe" })
    const [archive = ""] = /gatepost-[\w.-]+\.tgz/.exec(move) ?? []
    const home = path.join(folder, "node_modules/@gatepost/token-verifier")
    mkdirSync(home, { recursive: true })
    execFileSync("tar", ["-xzf", path.join(folder, archive), "-C", home, "--strip-components=1"])

    // 3 and 4
    writeFileSync(path.join(folder, "server.mjs"), placed(file))
    assert.match(tutorial, /Run `node server.mjs`/)
    await startServer("node server.mjs")
    const state = run(placed(firstCalls), "")
    server?.kill()
    await once(server as ChildProcess, "close")

    // 5
    await startServer(restart.trim().replace(/'<.+>'/, gatepost.serviceClientSecret))
    // A second is plenty, but on a busy machine nothing is.
    const whileIn = `curl -sf http://localhost:${port}/notes/$ID -H "Authorization: Bearer $TOKEN"`
    run(placed(lastCalls).replace("sleep 1\n", `while ${whileIn}; do sleep 0.05; done\n`), state)
  })

  /**
   * Runs commands of which each `try` ends with the status in its comment.
   *
   * @param state what an earlier block left in the shell, for the same terminal to go on
   * @returns what this one leaves
   */
  function run(commands: string, state: string): string {
    const script = `${state}\n${commands}\necho "== the shell"\ndeclare -p TOKEN ID; declare -f try`
    const output = execFileSync("bash", ["-ec", script], { cwd: folder, encoding: "utf8" })
    const [answers = "", after = ""] = output.split("== the shell\n")
    const told = [...answers.matchAll(/ (\d{3})$/gm)].map(([, status]) => status)
    const expected = [...commands.matchAll(/# (\d{3})/g)].map(([, status]) => status)
    assert.ok(expected.length > 2)
    assert.deepEqual(told, expected, answers)
    return after
  }
})
