import assert from "node:assert/strict"
import { createBatches } from "#src/batches.js"

describe("a batch with a value that PostgreSQL refuses", () => {
  const store = (refusal: unknown) =>
    createBatches(async (items: string[]) => {
      if (items.includes("bad")) throw refusal
      return items
    })
  const outcomes = (refusal: unknown) => Promise.allSettled(["one", "bad", "other"].map(store(refusal)))

  it("fails that one alone", async () => {
    const refusal = Object.assign(new Error("a NUL"), { code: "22021" })
    assert.deepEqual(
      (await outcomes(refusal)).map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    )
  })

  it("fails as a whole for any other reason, since the others may fail as well", async () => {
    const refusal = Object.assign(new Error("the connection is gone"), { code: "57P01" })
    assert.deepEqual(
      (await outcomes(refusal)).map(({ status }) => status),
      ["rejected", "rejected", "rejected"],
    )
  })
})
