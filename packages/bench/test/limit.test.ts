import assert from "node:assert/strict"
import { limitTable } from "#src/report/limit-table.js"
import { hold } from "#src/run.js"
import type { Limit, Sample } from "#src/scenario.js"

const stormy: Sample[] = [
  { count: 100, seconds: 10, p99Ms: 6, memoryMib: 80 },
  { count: 100, seconds: 30, p99Ms: 9, memoryMib: 80 },
]
const quiet: Sample[] = [
  { count: 100, seconds: 10, p99Ms: 4, memoryMib: 100 },
  { count: 100, seconds: 10, p99Ms: 3, memoryMib: 100 },
]
const subjects = [
  { name: "quiet", samples: quiet },
  { name: "stormy", samples: stormy },
]
const relative: Limit = { subject: "stormy", against: "quiet", by: "p99" }
const absolute: Limit = { subject: "stormy", by: "p99" }

describe("a limit", () => {
  it("divides the cost of the same round", () => {
    const { own, other, ratio } = hold(relative, subjects)
    assert.deepEqual(own, { median: 7.5, min: 6, max: 9 })
    assert.deepEqual(other, { median: 3.5, min: 3, max: 4 })
    assert.deepEqual(ratio, { median: 2.25, min: 1.5, max: 3 })
  })

  it("reads memory, and the time that one took", () => {
    assert.equal(hold({ ...relative, by: "memory" }, subjects).ratio?.median, 0.8)
    assert.deepEqual(hold({ ...absolute, by: "time" }, subjects).own, { median: 0.2, min: 0.1, max: 0.3 })
  })

  it("is kept by what is smaller, and close when it lies within the spread", () => {
    const verdicts = (limit: Limit, goals: number[]) => goals.map((most) => rowOf({ ...limit, most }).at(-1))
    assert.deepEqual(verdicts(relative, [1, 2, 2.25, 3]), ["no", "no, close", "yes, close", "yes"])
    assert.deepEqual(verdicts(absolute, [5, 7, 8, 9]), ["no", "no, close", "yes, close", "yes"])
  })

  it("says its goal in the unit of what is judged", () => {
    assert.equal(rowOf({ ...relative, most: 2 }).at(-2), "≤ 2.00×")
    assert.equal(rowOf({ ...absolute, most: 1_000 }).at(-2), "≤ 1000 ms")
  })

  it("is not said to be kept where a side was not measured", () => {
    assert.equal(rowOf({ ...relative, most: 2, against: "nobody" }).at(-1), "not measured")
    assert.equal(rowOf({ ...absolute, most: 2, subject: "nobody" }).at(-1), "not measured")
  })
})

function rowOf(limit: Limit): string[] {
  const limits = [hold(limit, subjects)]
  return limitTable([{ name: "one", title: "One", subjects: [], comparisons: [], limits }])[1] ?? []
}
