import assert from "node:assert/strict"
import { logIn, newEmail, register } from "../support/people.js"
import { type Bundle, setup } from "../support/setup.js"

describe("a profile", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup({ DEFAULT_APP: "introgy" })
  })
  after(() => auth.stop())

  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })
  const read = (token: string) => auth.http.get("/users/me").set(bearer(token))
  const change = (token: string, changes: object, method: "put" | "patch" = "put") =>
    auth.http[method]("/users/me").set(bearer(token)).send(changes)

  it("has the account, and what the app keeps of it", async () => {
    const { access_token, user } = await register(auth, undefined, "Kim Lee")
    const { body } = await read(access_token).expect(200)
    const { id, email } = user
    const { created_at, ...rest } = body
    assert.deepEqual(rest, { id, email, name: "Kim Lee", is_active: true, email_verified: false })
    assert.match(created_at, /^\d{4}-\d\d-\d\dT/)

    const nameless = await register(auth)
    assert.equal((await read(nameless.access_token)).body.name, null)
  })

  it("is changed member by member, and the change is on record", async () => {
    const { access_token, user } = await register(auth, undefined, "Kim Lee")
    const first = await change(access_token, {
      name: "Kim",
      bio: "Quiet.",
      interests: ["tea", "maps"],
    }).expect(200)
    assert.deepEqual(
      [first.body.name, first.body.bio, first.body.interests],
      ["Kim", "Quiet.", ["tea", "maps"]],
    )
    const second = await change(access_token, { bio: null, location: "Ulm" }, "patch").expect(200)
    assert.equal("bio" in second.body, false)
    assert.deepEqual((await read(access_token)).body, second.body)
    assert.deepEqual(
      [second.body.name, second.body.location, second.body.interests],
      ["Kim", "Ulm", ["tea", "maps"]],
    )

    const events = await auth.db.query(
      "select client_id from auth.audit_events where account_id = ? and event = 'account.profile-changed'",
      [user.id],
    )
    assert.deepEqual(events, [{ client_id: "introgy" }, { client_id: "introgy" }])
    assert.equal((await logIn(auth, user.email)).body.user.name, "Kim")
  })

  // check 19
  it("keeps nothing that the app did not name, and nothing that is ours", async () => {
    const { access_token, user } = await register(auth)
    const wished = {
      id: "x",
      email: newEmail(),
      email_verified: true,
      role: "admin",
      is_active: false,
      shoe_size: 43,
    }
    const { body } = await change(access_token, { ...wished, bio: "Me." }).expect(200)
    assert.deepEqual(
      [body.id, body.email, body.email_verified, body.is_active],
      [user.id, user.email, false, true],
    )
    assert.equal("role" in body || "shoe_size" in body, false)
    const [stored] = await auth.db.query("select members from auth.profiles where account_id = ?", [user.id])
    assert.deepEqual(stored, { members: { bio: "Me." } })
  })

  it("is refused whole where one value does not fit", async () => {
    const { access_token } = await register(auth, undefined, "Kim")
    for (const [changes, pointer] of [
      [{ name: "Lee", bio: { a: 1 } }, "/bio"],
      [{ name: "Lee", interests: [1] }, "/interests"],
      [{ name: "Lee", bio: "x".repeat(2_001) }, "/bio"],
      [{ name: "see www.evil.example", bio: "x" }, "/name"],
    ] as const) {
      const { body } = await change(access_token, changes).expect(400)
      assert.equal(body.detail.errors[0].pointer, pointer)
    }
    const { body } = await read(access_token)
    assert.deepEqual([body.name, "bio" in body], ["Kim", false])
  })

  it("is each app's own, but for the name", async () => {
    const { access_token, user } = await register(auth)
    await change(access_token, { name: "Kim", bio: "Quiet." }).expect(200)
    const { body } = await logIn(auth, user.email).set("X-Client-Id", "jobpath")
    const elsewhere = await read(body.access_token).expect(200)
    assert.deepEqual([elsewhere.body.name, "bio" in elsewhere.body], ["Kim", false])
    const { body: ignored } = await change(body.access_token, { bio: "Loud." }).expect(200)
    assert.equal("bio" in ignored, false)
    assert.equal((await read(access_token)).body.bio, "Quiet.")
  })

  it("of somebody else is found by email, for those who are signed in", async () => {
    const { access_token } = await register(auth)
    const { user: kim } = await register(auth, undefined, "Kim")
    const { user: gone } = await register(auth)
    await auth.db.query("update auth.accounts set disabled_at = now() where id = ?", [gone.id])
    const lookup = (email: string) =>
      auth.http.get("/users/lookup").query({ email }).set(bearer(access_token))

    const { body } = await lookup(kim.email.toUpperCase()).expect(200)
    assert.deepEqual(body, { id: kim.id, email: kim.email, name: "Kim" })
    for (const email of [newEmail(), gone.email]) {
      const refused = await lookup(email).expect(404)
      assert.equal(refused.body.error, "user_not_found")
    }
    await auth.http.get("/users/lookup").query({ email: kim.email }).expect(401)
  })
})

describe("looking people up", () => {
  it("is limited, whether or not they are found", async () => {
    const auth = await setup({ RATE_LIMITS: "on" })
    try {
      const { access_token, user } = await register(auth)
      const lookup = (email: string) =>
        auth.http.get("/v1/users/lookup").query({ email }).set("Authorization", `Bearer ${access_token}`)
      for (let call = 0; call < 30; call++)
        await lookup(call % 2 ? user.email : newEmail()).expect(call % 2 ? 200 : 404)
      const { headers } = await lookup(user.email).expect(429)
      assert.ok(Number(headers["retry-after"]) > 0)
    } finally {
      await auth.stop()
    }
  })
})
