import assert from "node:assert/strict"
import { readArguments, usage } from "#src/arguments.js"

const known = { scenarios: ["sign-in", "me"], peers: ["better-auth"] }

describe("the bench's command line", () => {
  it("measures everything but peers when nothing is said", () => {
    assert.deepEqual(readArguments([], known), { only: [], peers: [], rounds: 5, seconds: 3 })
  })

  it("takes lists by commas, and numbers", () => {
    const args = ["--only", "me, sign-in", "--peers", "better-auth", "--rounds", "2", "--seconds", "0.5"]
    const order = { only: ["me", "sign-in"], peers: ["better-auth"], rounds: 2, seconds: 0.5 }
    assert.deepEqual(readArguments(args, known), order)
  })

  it("takes all peers at once, and a quick pace that numbers can change", () => {
    const order = { only: [], peers: ["better-auth"], rounds: 1, seconds: 2 }
    assert.deepEqual(readArguments(["--peers", "all", "--quick", "--seconds", "2"], known), order)
  })

  it("tells the names of all scenarios and peers", () => {
    assert.equal(readArguments(["--help"], known), "help")
    assert.match(usage(known), /sign-in, me\n.*better-auth/)
  })

  it("refuses what it does not know, and says what there is", () => {
    assert.throws(() => readArguments(["--only", "sing-in"], known), /no sing-in; there are sign-in, me/)
    assert.throws(() => readArguments(["--peers", "auth0"], known), /no auth0; there are better-auth/)
    assert.throws(() => readArguments(["--round", "1"], known), /--round/)
  })

  it("refuses runs without end or without measurement", () => {
    for (const wrong of [
      ["--rounds", "0"],
      ["--rounds", "1.5"],
      ["--seconds", "0"],
      ["--seconds", "1e9"],
    ])
      assert.throws(() => readArguments(wrong, known), /must be a/)
  })
})
