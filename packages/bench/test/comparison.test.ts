import assert from "node:assert/strict"
import { comparisonTable } from "#src/report/tables.js"
import { compare } from "#src/run.js"
import type { Comparison, Sample } from "#src/scenario.js"

const ours: Sample[] = [
  { count: 100, seconds: 1, cpuMs: 500 },
  { count: 300, seconds: 2, cpuMs: 1_000 },
]
const floor: Sample[] = [
  { count: 200, seconds: 1, cpuMs: 500 },
  { count: 200, seconds: 1, cpuMs: 1_000 },
]
const comparison: Comparison = { subject: "ours", against: "floor", by: "throughput", reach: 0.6 }
const subjects = [
  { name: "floor", samples: floor },
  { name: "ours", samples: ours },
]

describe("a comparison", () => {
  it("divides rates, and work per CPU, of the same round", () => {
    const { ratios } = compare(comparison, subjects)
    assert.deepEqual(ratios.throughput, { median: 0.625, min: 0.5, max: 0.75 })
    assert.deepEqual(ratios.cpu, { median: 1, min: 0.5, max: 1.5 })
  })

  it("has no ratio by CPU where the CPU could not be read", () => {
    const unread = subjects.map(({ name, samples }) => ({
      name,
      samples: samples.map(({ count, seconds }) => ({ count, seconds })),
    }))
    assert.deepEqual(Object.keys(compare(comparison, unread).ratios), ["throughput"])
  })

  it("has none where a side was not measured, and says so instead of claiming the goal", () => {
    const result = compare(comparison, subjects.slice(0, 1))
    assert.deepEqual(result.ratios, {})
    assert.equal(verdictOf(result), "not measured")
  })

  it("is judged by the median, and close when the goal lies within the spread", () => {
    const verdicts = [0.5, 0.6, 0.7, 0.8].map((reach) =>
      verdictOf(compare({ ...comparison, reach }, subjects)),
    )
    assert.deepEqual(verdicts, ["yes", "yes, close", "no, close", "no"])
  })

  it("is judged by the yardstick that its goal names", () => {
    const byCpu = { ...comparison, by: "cpu", reach: 0.9 } as const
    assert.equal(verdictOf(compare(byCpu, subjects)), "yes, close")
    assert.equal(verdictOf(compare({ ...byCpu, by: "throughput" }, subjects)), "no")
  })
})

function verdictOf(result: ReturnType<typeof compare>) {
  return comparisonTable([
    { name: "one", title: "One", subjects: [], comparisons: [result], limits: [] },
  ])[1]?.at(-1)
}
