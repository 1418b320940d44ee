import assert from "node:assert/strict"
import { evenly } from "@gatepost/http"

// check 24
describe("work that takes evenly long", () => {
  it("gives its result or its failure, neither at once", async () => {
    for (const work of [() => Promise.resolve("done"), () => Promise.reject(new Error("no"))]) {
      const started = performance.now()
      const outcome = await evenly(work()).catch((error: Error) => error.message)
      assert.match(outcome, /^(done|no)$/)
      // A lower bound only: a timer may be late, but not earlier than by its rounding.
      assert.ok(performance.now() - started >= 58)
    }
  })
})
