import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { untilWaiting, withLock } from "../support/locks.js"
import { logIn, me, newEmail, refresh, register } from "../support/people.js"
import { type AuthProcess, type Bundle, setup } from "../support/setup.js"

describe("refresh", () => {
  let auth: Bundle
  let other: AuthProcess

  before(async () => {
    auth = await setup({ REFRESH_RETRY_WINDOW: "60", TRUSTED_PROXY_HOPS: "1" })
    other = await auth.another()
  })
  after(() => auth.stop())

  it("gives new tokens that work, and a spent one is worth nothing once its successor was used", async () => {
    const first = await register(auth)
    const second = await refresh(auth, first.refresh_token).expect(200)
    assert.notEqual(second.body.refresh_token, first.refresh_token)
    assert.equal(second.body.token_type, "bearer")
    await me(auth, second.body.access_token).expect(200)

    await refresh(auth, second.body.refresh_token).expect(200)
    const again = await refresh(auth, first.refresh_token).expect(401)
    assert.equal(again.body.code, "session.refresh-invalid")
  })

  // checks 60 and 62
  it("gives 16 parallel uses over two processes the same successor", async () => {
    const { refresh_token } = await register(auth)
    const answers = await race(16, (index) => refresh(index % 2 ? auth : other, refresh_token))

    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    const successors = new Set(answers.map(({ body }) => body.refresh_token))
    assert.equal(successors.size, 1)
    const [live] = await auth.db.query<{ count: number }>(
      "select count(*)::int from auth.refresh_tokens where parent_hash is not null and consumed_at is null",
    )
    assert.ok(live && live.count >= 1)
    await refresh(auth, [...successors][0]).expect(200)
  })

  it("answers a retry and the use of its successor in the same moment", async () => {
    const first = await register(auth)
    const second = (await refresh(auth, first.refresh_token)).body
    const spent = "select 1 from auth.refresh_tokens where consumed_at is not null for update"
    const [retried, next] = await withLock(auth.db, spent, async (release) => {
      const retry = refresh(auth, first.refresh_token).then((answer) => answer)
      await untilWaiting(auth.db, 1)
      const use = refresh(other, second.refresh_token).then((answer) => answer)
      await untilWaiting(auth.db, 2)
      release()
      return Promise.all([retry, use])
    })
    assert.deepEqual([retried.status, next.status], [200, 200])
    assert.equal(retried.body.refresh_token, second.refresh_token)
    await refresh(auth, next.body.refresh_token).expect(200)
  })

  // check 61
  it("ends the session when a token comes again after its successor was used", async () => {
    const email = newEmail()
    const first = await register(auth, email)
    const second = (await refresh(auth, first.refresh_token)).body
    const third = (await refresh(auth, second.refresh_token).set("X-Forwarded-For", "192.0.2.1")).body

    await refresh(other, first.refresh_token).set("X-Forwarded-For", "2001:db8::2").expect(401)

    await refresh(auth, third.refresh_token).expect(401)
    await me(auth, third.access_token).expect(401)
    const events = await auth.db.query(
      "select host(ip) as ip, detail from auth.audit_events where account_id = ? and event = ?",
      [first.user.id, "session.refresh-reused"],
    )
    assert.deepEqual(events, [{ ip: "2001:db8::2", detail: { last_used_from: "192.0.2.1" } }])
    const notices = (await auth.mails()).filter(
      ({ kind, recipient }) => kind === "session-revoked" && recipient === email,
    )
    assert.equal(notices.length, 1)
    await logIn(auth, email).expect(200)
  })

  it("takes the retry of a lost answer within the window, and refuses it after", async () => {
    const { refresh_token } = await register(auth)
    const lost = (await refresh(auth, refresh_token)).body
    const retried = (await refresh(other, refresh_token).expect(200)).body
    assert.equal(retried.refresh_token, lost.refresh_token)

    await auth.db.elapse(61)
    await refresh(auth, refresh_token).expect(401)
    await refresh(auth, lost.refresh_token).expect(401)
  })

  // check 63
  it("slides for seven days, and never beyond the session's absolute end", async () => {
    let { refresh_token } = await register(auth)
    for (let day = 0; day < 90; day += 6) {
      refresh_token = (await refresh(auth, refresh_token).expect(200)).body.refresh_token
      await auth.db.elapse(6 * 86_400)
    }
    await refresh(auth, refresh_token).expect(401)

    const idle = await register(auth)
    await auth.db.elapse(7 * 86_400 + 1)
    await refresh(auth, idle.refresh_token).expect(401)
  })

  // check 64
  it("stores no token, and refuses one that is cut, longer or in other letters", async () => {
    const { refresh_token } = await register(auth)
    const [row] = await auth.db.query<{ found: boolean }>(
      "select exists (select 1 from auth.refresh_tokens t where t::text like ?) as found",
      [`%${refresh_token}%`],
    )
    assert.equal(row?.found, false)
    const flipped = refresh_token.replace(/[a-zA-Z]/, (letter) =>
      letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase(),
    )
    for (const wrong of [refresh_token.slice(0, -1), `${refresh_token}A`, flipped]) {
      await refresh(auth, wrong).expect(401)
    }
    await refresh(auth, refresh_token).expect(200)
  })
})
