import assert from "node:assert/strict"
import { retryDelaySeconds } from "#src/retry-delay.js"

describe("the delay before another attempt", () => {
  it("grows with each attempt up to the lane’s cap, which is under a minute", () => {
    const longest = (lane: "otp" | "bulk") =>
      [1, 2, 3, 20, 10_000].map((attempt) => retryDelaySeconds({ lane, attempt }, {}, 1))
    assert.deepEqual(longest("otp"), [2, 4, 8, 20, 20])
    assert.deepEqual(longest("bulk"), [10, 20, 40, 50, 50])
  })

  it("is spread over its whole length, after what the server asks for", () => {
    const delays = (waitSeconds: number) =>
      [0, 0.25, 0.5].map((random) => retryDelaySeconds({ lane: "otp", attempt: 3 }, { waitSeconds }, random))
    assert.deepEqual(delays(0), [0, 2, 4])
    assert.deepEqual(delays(60), [60, 62, 64])
  })
})
