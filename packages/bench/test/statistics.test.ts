import assert from "node:assert/strict"
import { median, pairedRatios, percentile } from "#src/statistics.js"

describe("the bench's statistics", () => {
  it("the median is the middle value, or the mean of the two in the middle, in any order", () => {
    assert.equal(median([9, 1, 5]), 5)
    assert.equal(median([4, 1, 3, 2]), 2.5)
    assert.equal(median([7]), 7)
    assert.throws(() => median([]), RangeError)
  })

  it("a percentile is a value that was measured, by nearest rank", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
    assert.equal(percentile(hundred, 0.5), 50)
    assert.equal(percentile(hundred, 0.99), 99)
    assert.equal(percentile([3], 0.99), 3)
    assert.throws(() => percentile([], 0.5), RangeError)
  })

  it("ratios are made round by round, so a slow minute that hits both sides changes nothing", () => {
    const quiet = pairedRatios([100, 100, 100], [200, 200, 200])
    const disturbed = pairedRatios([100, 10, 100], [200, 20, 200])
    assert.deepEqual(quiet, { median: 0.5, min: 0.5, max: 0.5 })
    assert.deepEqual(disturbed, quiet)
  })

  it("the median of the ratios is not the ratio of the medians, and the spread shows every round", () => {
    assert.deepEqual(pairedRatios([1, 4, 9], [1, 2, 18]), { median: 1, min: 0.5, max: 2 })
  })

  it("sides with different numbers of rounds can't be paired", () => {
    assert.throws(() => pairedRatios([1, 2], [1]), RangeError)
  })
})
