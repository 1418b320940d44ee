import assert from "node:assert/strict"
import { setTimeout as sleep } from "node:timers/promises"
import { codesFromMails, wrong } from "../support/mails.js"
import { logIn, me, newEmail, refresh, register } from "../support/people.js"
import { type Bundle, setup } from "../support/setup.js"

const GUESSERS = 150
const PAUSE_MS = 250

// check 48, check 34: who waits for one row holds no connection that others need.
describe("one account's code, guessed at from 150 connections", function () {
  this.timeout(60_000)
  let auth: Bundle
  before(async () => {
    auth = await setup({ DB_POOL_SIZE: "4" })
  })
  after(() => auth.stop())

  /** Guesses as fast as it can for as long as `meanwhile` takes; @returns how often each status came */
  async function guessed(email: string, code: string, meanwhile: () => Promise<void>) {
    const statuses = new Map<number, number>()
    let isOver = false
    const guess = async () => {
      while (!isOver) {
        const answer = await fetch(`${auth.url}/v1/auth/verify-otp`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ email, otp: wrong(code) }),
        })
        await answer.text()
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
        if (answer.status !== 429) continue
        assert.match(String(answer.headers.get("retry-after")), /^[1-9]\d*$/)
        // The tests' own process has to answer others too.
        await sleep(PAUSE_MS)
      }
    }
    const guesses = Promise.all(Array.from({ length: GUESSERS }, guess))
    try {
      await meanwhile()
    } finally {
      isOver = true
    }
    await guesses
    return statuses
  }

  it("leaves everybody else their answers, and gets 400 and 429 alone, for an address without an account too", async () => {
    const person = await register(auth)
    const victim = await register(auth)
    const [code = ""] = await codesFromMails(auth, "verify-email", victim.user.email)

    for (const email of [victim.user.email, newEmail()]) {
      let { refresh_token } = person
      const statuses = await guessed(email, code, async () => {
        for (let round = 0; round < 2; round++) {
          await me(auth, person.access_token).expect(200)
          await logIn(auth, person.user.email).expect(200)
          refresh_token = (await refresh(auth, refresh_token).expect(200)).body.refresh_token
          await register(auth)
        }
      })
      person.refresh_token = refresh_token
      assert.deepEqual([...statuses.keys()].sort(), [400, 429])
    }
    // The tries of the code are as few as ever.
    const [row] = await auth.db.query<{ tries: number }>(
      "select tries from auth.one_time_codes where account_id = ?",
      [victim.user.id],
    )
    assert.equal(row?.tries, 5)
    await logIn(auth, victim.user.email).expect(200)
  })
})
