import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import type { KeyRotation } from "#src/modules/signing-keys/index.js"
import { type Bundle, setup } from "../support/setup.js"
import { keyEvents, runKeys, signingKid, storedKeys } from "./support/keys.js"
import { openRotation, SMALL_KEYS } from "./support/rotation.js"

describe("changes of the signing keys at the same moment", () => {
  let auth: Bundle
  beforeEach(async () => {
    auth = await setup()
  })
  afterEach(() => auth.stop())

  /** Each caller has a connection of its own, which is open before the start. */
  async function raceOf<Outcome>(change: (rotation: KeyRotation) => Promise<Outcome>) {
    const rotations = Array.from({ length: 16 }, () => openRotation(auth.db, SMALL_KEYS))
    try {
      for (const { list } of rotations) await list()
      return await race(rotations.length, (index) => change(rotations[index] as KeyRotation))
    } finally {
      for (const { close } of rotations) await close()
    }
  }

  for (const immediately of [false, true]) {
    it(`make one new key of 16 rotations ${immediately ? "that are to sign at once" : "by the schedule"}`, async () => {
      const outcomes = await raceOf((rotation) => rotation.rotate({ immediately, trigger: "command" }))

      const done = outcomes.filter(({ kind }) => kind === "published" || kind === "activated")
      assert.equal(done.length, 1)
      assert.equal((await storedKeys(auth.db)).length, 2)
      assert.equal((await keyEvents(auth.db)).length, 1)
    })
  }

  it("make one successor of 16 revocations", async () => {
    const kid = await signingKid(auth)
    const outcomes = await raceOf((rotation) => rotation.revoke(kid))

    assert.equal(outcomes.filter(({ kind }) => kind === "revoked").length, 1)
    assert.equal((await storedKeys(auth.db)).length, 2)
    assert.equal((await keyEvents(auth.db)).length, 1)
  })

  it("make one new key of two commands", async () => {
    const results = await race(2, () => runKeys(auth.db, ["rotate"]))
    for (const { code } of results) assert.equal(code, 0)
    assert.equal((await storedKeys(auth.db)).length, 2)
  })
})
