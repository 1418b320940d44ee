import assert from "node:assert/strict"
import { retryDelaySeconds } from "#src/retry-delay.js"

describe("the delay before another attempt", () => {
  it("grows with each attempt up to the lane’s cap, a code’s being short", () => {
    const longest = (lane: "otp" | "bulk") =>
      [1, 2, 3, 20, 10_000].map((attempt) => retryDelaySeconds(lane, attempt, 1))
    assert.deepEqual(longest("otp"), [2, 4, 8, 30, 30])
    assert.deepEqual(longest("bulk"), [20, 40, 80, 300, 300])
  })

  it("is spread over its whole length", () => {
    assert.deepEqual(
      [0, 0.25, 0.5].map((random) => retryDelaySeconds("otp", 3, random)),
      [0, 2, 4],
    )
  })
})
