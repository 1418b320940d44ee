import assert from "node:assert/strict"
import { isUuid, newId, randomToken, sha256 } from "@gatepost/runtime"

describe("ids and tokens", () => {
  it("are in the order in which they were made, and none comes twice", () => {
    const ids = Array.from({ length: 5_000 }, newId)
    assert.deepEqual(ids, [...ids].sort())
    assert.equal(new Set(ids).size, ids.length)
    assert.ok(ids.every(isUuid))
  })

  it("are told from texts that PostgreSQL takes for no uuid", () => {
    for (const text of [
      "",
      "x",
      newId().slice(1),
      `${newId()} `,
      `{${newId()}}`,
      newId().replaceAll("-", ""),
    ]) {
      assert.equal(isUuid(text), false, text)
    }
  })

  // check 47
  it("have 256 bits where they are secrets", () => {
    assert.match(randomToken(), /^[\w-]{43}$/)
    assert.equal(Buffer.from(randomToken(), "base64url").length, 32)
    assert.equal(sha256("abc").toString("hex").slice(0, 16), "ba7816bf8f01cfea")
  })
})
