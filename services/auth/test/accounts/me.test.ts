import assert from "node:assert/strict"
import { me, refresh, register } from "../support/people.js"
import { type Bundle, setup } from "../support/setup.js"

describe("who am I", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup()
  })
  after(() => auth.stop())

  it("tells the user of the token, in every dialect", async () => {
    const { access_token, user } = await register(auth, undefined, "Ada Lovelace")
    for (const path of ["/v1/auth/me", "/api/v1/auth/me", "/auth/me"]) {
      const { body } = await auth.http.get(path).set("Authorization", `bearer ${access_token}`).expect(200)
      assert.deepEqual(body, user)
      const { id, created_at } = user as unknown as Record<string, string>
      const rest = { email: user.email, name: "Ada Lovelace", is_active: true, email_verified: false }
      assert.deepEqual(body, { id, created_at, ...rest })
    }
  })

  it("asks for a token in the words of the dialect", async () => {
    const canonical = await auth.http.get("/v1/auth/me").expect(401)
    assert.equal(canonical.body.code, "token.missing")
    assert.equal(canonical.headers["www-authenticate"], 'Bearer realm="gatepost"')
    const plain = await auth.http.get("/auth/me").expect(401)
    assert.deepEqual(plain.body, {
      error: "token_missing",
      detail: { message: "An access token is needed" },
      status_code: 401,
    })
  })

  it("takes a token from the header alone", async () => {
    const { access_token } = await register(auth)
    await auth.http.get("/v1/auth/me").query({ access_token }).expect(401)
    await auth.http.get("/v1/auth/me").set("Cookie", `access_token=${access_token}`).expect(401)
  })

  // check 41, check 66
  it("refuses a disabled account at once, and takes it back with its session", async () => {
    const { access_token, refresh_token, user } = await register(auth)
    await auth.db.query("update auth.accounts set disabled_at = now() where id = ?", [user.id])
    await me(auth, access_token).expect(401)
    await refresh(auth, refresh_token).expect(401)

    await auth.db.query("update auth.accounts set disabled_at = null where id = ?", [user.id])
    await me(auth, access_token).expect(200)
    await refresh(auth, refresh_token).expect(200)
  })

  it("refuses a token whose session is over, and one of a deleted account", async () => {
    const ended = await register(auth)
    await auth.db.elapse(90 * 86_400 + 1)
    await me(auth, ended.access_token).expect(401)

    const deleted = await register(auth)
    await auth.db.query("delete from auth.accounts where id = ?", [deleted.user.id])
    await me(auth, deleted.access_token).expect(401)
    await refresh(auth, deleted.refresh_token).expect(401)
  })
})
