import assert from "node:assert/strict"
import { logIn, me, PASSWORD, register, type Tokens } from "../support/people.js"
import { serviceToken } from "../support/service-client.js"
import { type Bundle, setup } from "../support/setup.js"

interface Entry {
  id: string
  event: string
  outcome: string
  account_id?: string
  request_id?: string
}

// check 117
describe("what happened", () => {
  let auth: Bundle
  let one: Tokens
  let two: Tokens
  let service: string

  before(async () => {
    auth = await setup()
    one = await register(auth)
    two = await register(auth)
    for (const { user } of [one, two]) {
      await logIn(auth, user.email, "not the password").expect(401)
      for (let index = 0; index < 4; index++) await logIn(auth, user.email).expect(200)
    }
    service = await serviceToken(auth)
  })
  after(() => auth.stop())

  const activity = (token: string, query = "") =>
    auth.http.get(`/v1/auth/activity${query}`).set("Authorization", `Bearer ${token}`)
  const search = (query: string, token = service) =>
    auth.http.get(`/v1/audit-events?${query}`).set("Authorization", `Bearer ${token}`)

  it("to somebody is theirs to read, the newest first, page by page", async () => {
    const all: Entry[] = (await activity(one.access_token, "?limit=100").expect(200)).body.items
    assert.deepEqual(all.at(-1)?.event, "account.registered")
    assert.ok(all.some(({ event, outcome }) => event === "session.refused" && outcome === "failure"))
    const paged: Entry[] = []
    for (let cursor = ""; ; ) {
      const { body } = await activity(one.access_token, `?limit=3${cursor && `&cursor=${cursor}`}`).expect(
        200,
      )
      assert.ok(body.items.length <= 3)
      paged.push(...body.items)
      if (!body.next_cursor) break
      cursor = body.next_cursor
    }
    assert.deepEqual(paged, all)
  })

  // checks 17 and 109
  it("to others is not, whatever cursor they bring", async () => {
    const { body } = await activity(one.access_token, "?limit=2").expect(200)
    const cursor: string = body.next_cursor
    await activity(two.access_token, `?cursor=${cursor}`).expect(400)
    await search(`cursor=${cursor}`).expect(400)
    for (const bad of [`${cursor.slice(0, -2)}AA`, "AAAA", `${cursor}=`, "%00", "x".repeat(600)])
      await activity(one.access_token, `?cursor=${bad}`).expect(400)
    for (const limit of ["-1", "0", "101", "1e9", "NaN", "1.5"])
      await activity(one.access_token, `?limit=${limit}`).expect(400)
    const theirs: Entry[] = (await activity(two.access_token, "?limit=100").expect(200)).body.items
    const own: Entry[] = (await activity(one.access_token, "?limit=100").expect(200)).body.items
    assert.deepEqual(
      theirs.filter(({ id }) => own.some((entry) => entry.id === id)),
      [],
    )
  })

  it("to everybody is an operator's to search", async () => {
    const found = async (query: string): Promise<Entry[]> => (await search(query).expect(200)).body.items
    const refused = await found(`account_id=${one.user.id}&event=session.refused&outcome=failure`)
    assert.deepEqual(
      refused.map(({ account_id, event }) => [account_id, event]),
      [[one.user.id, "session.refused"]],
    )
    assert.match(refused[0]?.request_id ?? "", /^[0-9a-f-]{36}$/)
    assert.ok((await found("ip=127.0.0.1&limit=100")).length >= 10)
    assert.deepEqual(await found("ip=198.51.100.1"), [])
    assert.deepEqual(await found(`until=2020-01-01T00:00:00Z`), [])
    assert.ok((await found(`from=2020-01-01T00:00:00Z&limit=1`)).length === 1)
    const page = (await search("limit=1").expect(200)).body
    const next = (await search(`limit=1&cursor=${page.next_cursor}`).expect(200)).body
    assert.ok(Number(next.items[0].id) < Number(page.items[0].id))
  })

  // check 108
  it("is searched by nobody without the scope for it", async () => {
    await search("limit=1", one.access_token).expect(403)
    await auth.http.get("/v1/audit-events").expect(401)
    await me(auth, one.access_token).expect(200)
    for (const query of ["event=x;drop", "ip=1.2.3.4.5", "account_id=1", "from=yesterday", "outcome=maybe"])
      await search(query).expect(400)
    assert.equal((await logIn(auth, one.user.email, PASSWORD)).status, 200)
  })
})
