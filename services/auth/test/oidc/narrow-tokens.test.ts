import assert from "node:assert/strict"
import { pause } from "@gatepost/testkit"
import { refresh } from "../support/people.js"
import { authorization, claimsOf, exchangeCode, refreshAtTokenEndpoint } from "../support/relying-party.js"
import type { Bundle } from "../support/setup.js"
import { CLIENTS, setupProvider } from "./support/apps.js"
import { codeFlow, open, signIn } from "./support/flows.js"

const { web, native } = CLIENTS

// A token is what it was granted as, at whichever door it is used.
describe("a refresh token of the code flow at the JSON door", () => {
  let auth: Bundle

  before(async () => {
    auth = await setupProvider()
  })
  after(() => auth.stop())

  it("has the scopes that it was granted, whatever its session got since", async () => {
    const { browser, email, tokens } = await codeFlow(auth, { scope: "openid offline_access" })
    const scopeOf = async (token: string) => {
      const { body } = await refresh(auth, token).expect(200)
      return { scope: claimsOf(body.access_token).scope, next: body.refresh_token }
    }
    const before = await scopeOf(tokens.refresh_token)
    assert.equal(before.scope, "")

    const wider = authorization({ ...web, scope: "openid account notifications:read" })
    const location = await signIn(browser, wider, email)
    const { body } = await exchangeCode(auth, wider, location).expect(200)
    assert.equal((await scopeOf(body.refresh_token)).scope, "account notifications:read")

    const after = await scopeOf(before.next)
    assert.equal(after.scope, "")
    const atOidc = await refreshAtTokenEndpoint(auth, web, after.next).expect(200)
    assert.doesNotMatch(atOidc.body.scope, /account|notifications/)
  })

  it("says when its person signed in, not when the app was opened", async () => {
    const { browser, tokens: first } = await codeFlow(auth, { client: native, scope: "openid account" })
    const signedInAt = claimsOf(first.access_token).auth_time
    assert.ok(Number.isInteger(signedInAt))
    await pause(1_100)
    const second = authorization({ ...web, scope: "openid account", max_age: "10000" })
    const { location = "" } = await open(browser, second)
    const { body: tokens } = await exchangeCode(auth, second, location).expect(200)
    const { body } = await refresh(auth, tokens.refresh_token).expect(200)
    for (const token of [tokens.id_token, tokens.access_token, body.access_token]) {
      assert.equal(claimsOf(token).auth_time, signedInAt)
    }
    const [row] = await auth.db.query<{ at: number }>(
      "select floor(extract(epoch from authenticated_at))::int as at from auth.sessions where id = ?",
      [String(claimsOf(tokens.access_token).sid)],
    )
    assert.equal(row?.at, signedInAt)
  })
})

// check 63
describe("an access token near the end of its session", () => {
  let auth: Bundle

  before(async () => {
    auth = await setupProvider()
  })
  after(() => auth.stop())

  it("ends with it, at either door, and says so", async () => {
    const { tokens, registered } = await codeFlow(auth, { scope: "openid account" })
    await auth.db.query("update auth.sessions set expires_at = now() + interval '100 seconds'")
    const atJson = await refresh(auth, registered.refresh_token).expect(200)
    const atOidc = await refreshAtTokenEndpoint(auth, web, tokens.refresh_token).expect(200)
    const opaque = await codeFlow(auth, { scope: "openid" })
    await auth.db.query("update auth.sessions set expires_at = now() + interval '100 seconds'")
    const narrow = await refreshAtTokenEndpoint(auth, web, opaque.tokens.refresh_token).expect(200)
    for (const { body } of [atJson, atOidc, narrow]) {
      assert.ok(body.expires_in > 90 && body.expires_in <= 100, `${body.expires_in}`)
      if (!body.access_token.includes(".")) continue
      const { exp, iat } = claimsOf(body.access_token)
      assert.equal(Number(exp) - Number(iat), body.expires_in)
    }
  })
})
