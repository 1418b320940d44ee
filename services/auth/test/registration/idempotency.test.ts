import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { race } from "@gatepost/testkit"
import { me, newEmail, PASSWORD } from "../support/people.js"
import { type AuthProcess, type Bundle, setup } from "../support/setup.js"

// R7
describe("a registration with an Idempotency-Key", () => {
  let auth: Bundle
  let other: AuthProcess

  before(async () => {
    auth = await setup()
    other = await auth.another()
  })
  after(() => auth.stop())

  const post = ({ http }: AuthProcess, key: string, body: object) =>
    http.post("/v1/auth/register").set("Idempotency-Key", key).send(body)

  const newBody = () => ({ email: newEmail(), password: PASSWORD })

  it("answers a retry with the very same bytes, and tokens that work", async () => {
    const key = randomUUID()
    const body = newBody()
    const first = await post(auth, key, body).expect(201)
    const again = await post(other, key, body).expect(201)

    assert.equal(again.text, first.text)
    await me(other, again.body.access_token).expect(200)
    const mails = (await auth.mails()).filter(({ recipient }) => recipient === body.email)
    assert.equal(mails.length, 1)
  })

  it("does it once, however many retries come at the same time on two processes", async () => {
    const key = randomUUID()
    const body = newBody()
    const answers = await race(16, (index) => post(index % 2 ? auth : other, key, body))

    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]))
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
    const [row] = await auth.db.query(
      `select count(*)::int as sessions from auth.sessions s join auth.accounts a on a.id = s.account_id
       where a.email = ?`,
      [body.email],
    )
    assert.deepEqual(row, { sessions: 1 })
  })

  it("is refused with another body, and does nothing", async () => {
    const key = randomUUID()
    const body = newBody()
    await post(auth, key, body).expect(201)

    const second = newBody()
    const answer = await post(other, key, second).expect(422)
    assert.equal(answer.body.code, "idempotency.mismatch")
    const rows = await auth.db.query("select 1 from auth.accounts where email = ?", [second.email])
    assert.deepEqual(rows, [])
  })

  it("is refused when the key is too short, too long or has spaces", async () => {
    for (const key of ["a".repeat(15), "a".repeat(129), "sixteen letters and spaces", "ä".repeat(16)]) {
      const body = newBody()
      const answer = await post(auth, key, body).expect(400)
      assert.equal(answer.body.errors[0].pointer, "header/Idempotency-Key")
      const rows = await auth.db.query("select 1 from auth.accounts where email = ?", [body.email])
      assert.deepEqual(rows, [])
    }
    await post(auth, "a".repeat(16), newBody()).expect(201)
    await post(auth, "~".repeat(128), newBody()).expect(201)
  })

  it("keeps nothing of a refusal, so that the corrected request may use the key", async () => {
    const key = randomUUID()
    const taken = newBody()
    await post(auth, randomUUID(), taken).expect(201)
    await post(auth, key, taken).expect(409)
    await post(auth, key, newBody()).expect(201)
  })

  it("is kept for a day, and sealed", async () => {
    const key = randomUUID()
    const body = newBody()
    const { body: first } = await post(auth, key, body).expect(201)
    const [row] = await auth.db.query<{ text: string; answer: Buffer }>(
      "select k::text as text, answer from auth.idempotency_keys k where key = ?",
      [key],
    )
    assert.ok(row && !row.text.includes(first.refresh_token))
    assert.ok(!row.answer.includes(first.refresh_token))

    await auth.db.elapse(86_400 - 60)
    await post(auth, key, body).expect(201)
    await auth.db.elapse(61)
    await post(auth, key, body).expect(409)
  })
})
