import assert from "node:assert/strict"
import { type Report, reportMarkdown } from "#src/report/report.js"

const report: Report = {
  machine: {
    ...{ cpu: "a CPU", cores: 2, memoryGib: 4, platform: "linux x64", node: "v20.19.0" },
    ...{ loadBefore: 0, date: "2026-01-01", commit: "abc1234" },
  },
  pace: { rounds: 1, seconds: 1 },
  peers: [{ name: "somebody", note: "version 1, as it comes." }],
  scenarios: [],
}

describe("the report", () => {
  it("says how it was measured in whole lines, and a line for each peer that took part", () => {
    const [, method = ""] = reportMarkdown(report).split("## How it is measured\n\n")
    const lines = method.trimEnd().split("\n")
    for (const line of lines) assert.match(line, /^- .{20,}\.$/)
    assert.equal(lines.at(-1), "- somebody: version 1, as it comes.")
  })
})
