import assert from "node:assert/strict"
import { createLogger } from "@gatepost/runtime"
import { race } from "@gatepost/testkit"
import { createHasher } from "#src/modules/passwords/index.js"
import { logIn, register } from "../support/people.js"
import { type Bundle, setup } from "../support/setup.js"

describe("the lane of password hashes", () => {
  // check 35; the T-rule's clock is no test, so this looks at the work that is done.
  it("verifies one hash of the same cost where there is no account, and says no", async () => {
    const work: unknown[] = []
    const gate = {
      async run<Result>(task: () => Promise<Result>): Promise<Result> {
        const result = await task()
        work.push(result)
        return result
      },
    }
    const logger = createLogger("test", "silent")
    const hasher = await createHasher({ memoryKib: 1_024, passes: 1 }, gate, logger)

    assert.equal(await hasher.verify(undefined, "any password"), false)
    assert.deepEqual(work, [false])
    // The stand-in is a real hash: its own password does verify, and is refused all the same.
    assert.equal(await hasher.verify(undefined, "nobody has this password"), false)
    assert.deepEqual(work, [false, true])
  })

  describe("when more come than it can take", () => {
    let auth: Bundle

    before(async () => {
      auth = await setup({ ARGON2_MEMORY_KIB: "19456", ARGON2_PASSES: "2" })
    })
    after(() => auth.stop())

    // check 34, check 35: an unknown address takes its place in the queue like any other.
    it("answers the rest 503 with Retry-After, also for addresses nobody has", async () => {
      const { user } = await register(auth)
      for (const email of ["nobody@example.com", user.email]) {
        const answers = await race(100, () => logIn(auth, email, "not the password"))
        const busy = answers.filter(({ status }) => status === 503)
        assert.ok(busy.length > 0)
        for (const { body, headers } of busy) {
          assert.equal(body.code, "server.busy")
          assert.match(String(headers["retry-after"]), /^[1-9]\d*$/)
        }
        assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([401, 503]))
      }
      await logIn(auth, user.email).expect(200)
    })
  })
})
