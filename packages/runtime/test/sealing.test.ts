import assert from "node:assert/strict"
import { createSealer } from "@gatepost/runtime"

const SECRET = "a secret of the tests, long enough"

describe("a sealer", () => {
  const sealer = createSealer(SECRET, "tests")

  it("opens what it sealed, also after a restart", () => {
    for (const text of ["", "a", "ünïcödé 👍", "x".repeat(100_000)]) {
      assert.equal(sealer.open(sealer.seal(text, "row 1"), "row 1"), text)
      assert.equal(createSealer(SECRET, "tests").open(sealer.seal(text, "row 1"), "row 1"), text)
    }
  })

  it("never writes the same twice, and nothing of the text", () => {
    const [first, second] = [sealer.seal("a text to hide", "row 1"), sealer.seal("a text to hide", "row 1")]
    assert.notDeepEqual(first, second)
    assert.ok(!first.includes("hide"))
  })

  it("refuses another row, another purpose and another secret", () => {
    const sealed = sealer.seal("text", "row 1")
    for (const open of [
      () => sealer.open(sealed, "row 2"),
      () => sealer.open(sealed, ""),
      () => createSealer(SECRET, "other tests").open(sealed, "row 1"),
      () => createSealer(`${SECRET}!`, "tests").open(sealed, "row 1"),
    ]) {
      assert.throws(open)
    }
  })

  it("refuses every change of a byte, and every cut", () => {
    const sealed = sealer.seal("text", "row 1")
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed)
      changed[at] = (changed[at] ?? 0) ^ 1
      assert.throws(() => sealer.open(changed, "row 1"), `byte ${at}`)
      assert.throws(() => sealer.open(sealed.subarray(0, at), "row 1"), `cut at ${at}`)
    }
    assert.throws(() => sealer.open(Buffer.concat([sealed, Buffer.from("x")]), "row 1"))
  })
})
