import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { countMails } from "../support/mails.js"
import { answer, challengeOf, eventsOf, post, secured } from "../support/second-factors.js"
import { type Bundle, setup } from "../support/setup.js"

// check 59
describe("recovery codes", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup()
  })
  after(() => auth.stop())

  it("are ten of 120 bits, of which only hashes are kept", async () => {
    const { recovery_codes, user } = await secured(auth)
    assert.equal(new Set(recovery_codes).size, 10)
    for (const code of recovery_codes) assert.match(code, /^([A-Z2-7]{4}-){5}[A-Z2-7]{4}$/)
    const rows = await auth.db.query<{ size: number }>(
      "select length(code_hash) as size from auth.recovery_codes where account_id = ?",
      [user.id],
    )
    assert.deepEqual(rows, Array(10).fill({ size: 32 }))
  })

  it("sign in once each, however they are typed, and tell the owner", async () => {
    const { recovery_codes, email, user } = await secured(auth)
    const [first = "", second = ""] = recovery_codes
    const use = async (recovery_code: string) =>
      answer(auth, await challengeOf(auth, email), { recovery_code })
    const { status, body } = await use(first)
    assert.equal(status, 200)
    assert.equal((await use(first)).status, 401)
    assert.equal((await use(` ${second.toLowerCase().replaceAll("-", " ")} `)).status, 200)
    assert.equal(await countMails(auth, "second-factor-changed", email), 3)
    assert.ok((await eventsOf(auth, user.id)).includes("recovery-code.used"))
    const view = await auth.http
      .get("/v1/users/me/mfa")
      .set("Authorization", `Bearer ${body.access_token}`)
      .expect(200)
    assert.equal(view.body.recovery_codes_left, 8)
  })

  it("sign in once, of 16 sign-ins with the same code at the same moment", async () => {
    const { recovery_codes, email } = await secured(auth)
    const challenges: string[] = []
    for (let index = 0; index < 5; index++) challenges.push(await challengeOf(auth, email))
    const [recovery_code] = recovery_codes
    const answers = await race(16, (index) => answer(auth, challenges[index % 5] ?? "", { recovery_code }))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(15).fill(401)])
  })

  it("are void once there are new ones, and somebody else's", async () => {
    const [one, two] = [await secured(auth), await secured(auth)]
    const { body } = await post(auth, "/users/me/mfa/recovery-codes", one.access_token).expect(200)
    const use = async (recovery_code = "") =>
      (await answer(auth, await challengeOf(auth, one.email), { recovery_code })).status
    assert.equal(await use(one.recovery_codes[0]), 401)
    assert.equal(await use(two.recovery_codes[0]), 401)
    assert.equal(await use(body.recovery_codes[9]), 200)
    assert.equal(await countMails(auth, "second-factor-changed", one.email), 3)
  })
})
