import assert from "node:assert/strict"
import { faultOf } from "./support/timing.js"

// The rule is only as good as its power to find a leak.
describe("the rule for the time of answers", () => {
  /** Samples around a time, without chance: every run is the same. */
  const around = (ms: number, spread: number, count = 400) =>
    Array.from({ length: count }, (_, index) => ms + spread * Math.tan(((index + 0.5) / count - 0.5) * 2.8))

  it("finds a leak of a few milliseconds in a quiet machine's noise", () => {
    assert.match(String(faultOf({ known: around(63, 0.5), unknown: around(61, 0.5) })), /area/)
    assert.match(String(faultOf({ known: around(30, 3), unknown: around(62, 3) })), /medians/)
  })

  it("finds a leak by its tail alone", () => {
    const late = around(61, 0.5).map((ms, index) => (index % 3 === 0 ? ms + 20 : ms))
    assert.match(String(faultOf({ known: late, unknown: around(61, 0.5) })), /area/)
  })

  it("takes noise for noise, however wide", () => {
    for (const spread of [0.1, 5, 50]) {
      assert.equal(faultOf({ known: around(61, spread), unknown: around(61.01, spread) }), undefined)
    }
  })
})
