import assert from "node:assert/strict"
import { type Bench, createBench } from "#src/bench.js"
import { floorLoad, startFloor } from "#src/floors/floor.js"
import { httpSubject, type Server } from "#src/http-subject.js"
import { cpuOf } from "#src/processes/cpu.js"
import { runScenario } from "#src/run.js"
import type { Scenario, Subject } from "#src/scenario.js"

const PACE = { rounds: 3, seconds: 0.2 }

describe("a run", function () {
  // It starts processes; a machine at work takes its time for that.
  this.timeout(20_000)
  let bench: Bench
  let started: Server[]
  beforeEach(() => {
    bench = createBench()
    started = []
  })
  afterEach(() => bench.close())

  it("lets subjects take turns in processes of their own, compares them and ends them", async () => {
    const turns: string[] = []
    const scenario = scenarioOf([floor("RS256", "rs256", "POST"), floor("Express", "express-hello", "GET")])
    const result = await runScenario(
      bench,
      scenario,
      PACE,
      (done, name) => void (done > 0 && turns.push(name)),
    )

    assert.deepEqual(turns, ["Express", "RS256", "Express", "RS256", "Express"])
    for (const { samples } of result.subjects) {
      assert.equal(samples.length, PACE.rounds)
      for (const { count, p99Ms = 0, p50Ms = 0 } of samples) assert.ok(count > 0 && p99Ms >= p50Ms)
    }
    assert.ok(result.comparisons[0]?.ratios.throughput)
    assert.equal(new Set([process.pid, ...started.map(({ pid }) => pid)]).size, 3)
    for (const { pid } of started) assert.throws(() => process.kill(pid, 0), { code: "ESRCH" })
  })

  it("ends every process when a subject refuses a request", async () => {
    const wrong = httpSubject("wrong", () => start("express-hello"), floorLoad("POST", 1))
    const scenario = scenarioOf([floor("Express", "express-hello", "GET"), wrong])
    await assert.rejects(
      runScenario(bench, scenario, PACE, () => {}),
      /POST \/ answered 404/,
    )
    await bench.close()
    assert.equal(started.length, 2)
    for (const { pid } of started) assert.throws(() => process.kill(pid, 0), { code: "ESRCH" })
  })

  it("shows what a program said that did not start", async () => {
    await assert.rejects(startFloor("postgres-commit", ["postgres://127.0.0.1:1/none"]), /ECONNREFUSED/)
  })

  it("reads the CPU time of a process", function () {
    if (process.platform !== "linux") this.skip()
    const before = cpuOf(process.pid) ?? Number.NaN
    const { user, system } = process.cpuUsage()
    for (let spent = 0; spent < 100_000; ) {
      const now = process.cpuUsage()
      spent = now.user + now.system - user - system
    }
    const used = (cpuOf(process.pid) ?? Number.NaN) - before
    assert.ok(used >= 80, `${used} ms`)
  })

  const start = async (name: Parameters<typeof startFloor>[0]) => {
    const server = await startFloor(name)
    started.push(server)
    return server
  }

  const floor = (name: string, program: Parameters<typeof startFloor>[0], method: "GET" | "POST"): Subject =>
    httpSubject(name, () => start(program), floorLoad(method, 4))
})

const scenarioOf = (subjects: Subject[]): Scenario => ({
  name: "tiny",
  title: "Tiny",
  unit: "req",
  subjects,
  comparisons: [
    { subject: subjects[0]?.name ?? "", against: subjects[1]?.name ?? "", by: "throughput", reach: 0.5 },
  ],
})
