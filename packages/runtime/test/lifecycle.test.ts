import assert from "node:assert/strict"
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

const PROGRAM = fileURLToPath(new URL("./fixtures/program.js", import.meta.url))

function start(behaviour: string) {
  const child = fork(PROGRAM, [behaviour], { silent: true })
  let output = ""
  const waiting: (() => void)[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      output += chunk
      for (const look of waiting) look()
    })
  }
  const exited = once(child, "exit").then(([code]) => code as number | null)
  const says = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => output.includes(text) && resolve()
      waiting.push(look)
      look()
    })
  return { child, exited, says, output: () => output }
}

const ready = async (child: ChildProcess) => (await once(child, "message"))[0]

// R1, R21, R23
describe("the life of a program", () => {
  it("tells its supervisor when it is ready, and ends in order with 0", async () => {
    const { child, exited, output } = start("")
    assert.deepEqual(await ready(child), { type: "ready", port: 1234 })
    child.kill("SIGTERM")
    child.kill("SIGTERM")
    assert.equal(await exited, 0)
    assert.match(output(), /closed/)
  })

  it("leaves Ctrl-C to its supervisor, and ends when that is gone", async () => {
    const { child, exited, output } = start("")
    await ready(child)
    child.kill("SIGINT")
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.equal(child.exitCode, null)
    child.disconnect()
    assert.equal(await exited, 0)
    assert.match(output(), /closed/)
  })

  it("told to stop while it starts, finishes the start and stops in order", async () => {
    const { child, exited, says, output } = start("slow-start")
    await says("started")
    child.kill("SIGTERM")
    assert.equal(await exited, 0)
    assert.match(output(), /closed/)
    assert.doesNotMatch(output(), /"ready"/)

    const stuck = start("slow-start, bad-stop")
    await stuck.says("started")
    stuck.child.kill("SIGTERM")
    assert.equal(await stuck.exited, 1)
    assert.match(stuck.output(), /the stop failed/)
  })

  it("ends with 1 when a stop takes longer than the program allows", async () => {
    const { child, exited, output } = start("endless-stop")
    await ready(child)
    child.kill("SIGTERM")
    assert.equal(await exited, 1)
    assert.doesNotMatch(output(), /closed/)
  })

  it("says what is wrong with the settings, without a stack, and ends with 1", async () => {
    const { exited, output } = start("bad-settings")
    assert.equal(await exited, 1)
    assert.match(output(), /^PORT must be a whole number\nNAME is needed$/m)
    assert.doesNotMatch(output(), / at /)
  })

  it("ends with 1 when the start fails, and when the stop does", async () => {
    const broken = start("broken")
    assert.equal(await broken.exited, 1)
    assert.match(broken.output(), /the wiring failed/)

    const stuck = start("bad-stop")
    await ready(stuck.child)
    stuck.child.kill("SIGTERM")
    assert.equal(await stuck.exited, 1)
  })

  it("logs an error that nobody caught, closes, and ends with 1", async () => {
    const { child, exited, output } = start("crash")
    await ready(child)
    assert.equal(await exited, 1)
    assert.match(output(), /nobody caught this/)
    assert.match(output(), /closed/)
  })
})
