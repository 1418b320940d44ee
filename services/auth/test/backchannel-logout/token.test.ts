import assert from "node:assert/strict"
import { until } from "@gatepost/testkit"
import { decodeProtectedHeader } from "jose"
import { codeFlow, open, signIn, silently } from "../oidc/support/flows.js"
import { signOut } from "../oidc/support/sign-out.js"
import { openRotation } from "../signing-keys/support/rotation.js"
import { logOut, me, refresh, register } from "../support/people.js"
import {
  ask,
  authorization,
  claimsOf,
  exchangeCode,
  refreshAtTokenEndpoint,
} from "../support/relying-party.js"
import { PUBLIC_URL } from "../support/setup.js"
import { basic, setupTold, type ToldBundle, verified, web } from "./support/told.js"

const SCOPE = "openid account"

// check 94: Back-Channel Logout 1.0 section 2.4
describe("a logout token", () => {
  let auth: ToldBundle

  before(async () => {
    auth = await setupTold()
  })
  after(() => auth.stop())

  const newest = async () => {
    await auth.settled()
    return auth.receiver.arrivals.at(-1) ?? assert.fail()
  }

  it("says who was signed out of what, for two minutes, as a form, and nothing else", async () => {
    const { tokens, userId } = await codeFlow(auth, { scope: SCOPE, nonce: "n-1" })
    await logOut(auth, tokens.access_token).expect(200)
    const arrival = await newest()
    assert.equal(arrival.contentType, "application/x-www-form-urlencoded")
    assert.deepEqual([...arrival.form.keys()], ["logout_token"])

    const { iat = 0, exp = 0, jti, ...claims } = await verified(auth, arrival)
    assert.ok(exp - iat > 0 && exp - iat <= 120)
    assert.equal(jti, (await auth.rows()).at(-1)?.id)
    assert.deepEqual(claims, {
      iss: `${PUBLIC_URL}/oidc`,
      sub: userId,
      aud: "web",
      sid: claimsOf(tokens.id_token).sid,
      events: { "http://schemas.openid.net/event/backchannel-logout": {} },
    })
    const { kid, ...header } = decodeProtectedHeader(arrival.form.get("logout_token") ?? "")
    assert.deepEqual(header, { alg: "RS256", typ: "logout+jwt" })
    assert.equal(typeof kid, "string")
  })

  // check 65, ADR 14
  it("has the `sid` of every token of the session, which no other session ever has", async () => {
    const { tokens, browser, email } = await codeFlow(auth, { scope: SCOPE })
    const { sid } = claimsOf(tokens.id_token)
    const later = (await refreshAtTokenEndpoint(auth, web, tokens.refresh_token).expect(200)).body
    const atJsonDoor = (await refresh(auth, later.refresh_token).expect(200)).body
    const again = await silently(browser, web, { scope: SCOPE })
    const second = (await exchangeCode(auth, again.request, again.location).expect(200)).body
    for (const token of [later.id_token, second.id_token]) assert.equal(claimsOf(token).sid, sid)
    for (const { access_token } of [tokens, later, atJsonDoor, second])
      assert.equal(claimsOf(access_token).sid, sid)
    const ofOtherApp = await silently(browser, basic)
    const other = (await exchangeCode(auth, ofOtherApp.request, ofOtherApp.location).expect(200)).body
    assert.notEqual(claimsOf(other.id_token).sid, sid)
    const told = await ask(auth, "token/introspection", basic, { token: other.access_token }).expect(200)
    assert.equal(told.body.sid, claimsOf(other.id_token).sid)

    await logOut(auth, atJsonDoor.access_token).expect(200)
    assert.equal((await newest()).claims.sid, sid)

    // In the same browser, which is still signed in to the other app.
    const request = authorization({ ...web, scope: SCOPE })
    const next = (await exchangeCode(auth, request, await signIn(browser, request, email)).expect(200)).body
    assert.notEqual(claimsOf(next.id_token).sid, sid)
    await signOut(browser, {})
    await auth.settled()
    const ended = auth.receiver.of("web").map(({ claims }) => claims.sid)
    assert.equal(ended.filter((one) => one === sid).length, 1)
    assert.equal(ended.at(-1), claimsOf(next.id_token).sid)
  })

  it("is made anew for each try, by the key of then, with the same `jti`", async () => {
    const { access_token } = await register(auth)
    auth.receiver.answer("web", 503)
    const known = auth.receiver.of("web").length
    await logOut(auth, access_token).expect(200)
    const [first = assert.fail()] = (await auth.receiver.told("web", known + 1)).slice(known)
    const kidOf = ({ form }: typeof first) => decodeProtectedHeader(form.get("logout_token") ?? "").kid

    const rotation = openRotation(auth.db, 2048)
    const rotated = await rotation.rotate({ immediately: true, trigger: "command" })
    await rotation.close()
    assert.equal(rotated.kind, "activated")
    const key = "kid" in rotated ? rotated.kid : ""
    await until("the new key signs", async () => {
      const { body } = await auth.http.get("/.well-known/jwks.json")
      return body.keys[0].kid === key
    })
    auth.receiver.answer("web", 200)
    await auth.db.elapse(600)

    const last = await newest()
    assert.equal(last.claims.jti, first.claims.jti)
    assert.equal(kidOf(last), key)
    assert.notEqual(kidOf(first), key)
    assert.ok(Number(last.claims.iat) >= Number(first.claims.iat))
    await verified(auth, last)
  })

  // check 70
  it("is good for nothing else, and no other token is one", async () => {
    const { tokens, browser } = await codeFlow(auth, { client: basic, scope: SCOPE })
    const gone = await codeFlow(auth, { client: basic, scope: SCOPE })
    await logOut(auth, gone.tokens.access_token).expect(200)
    const arrival = await newest()
    const token = arrival.form.get("logout_token") ?? ""

    await me(auth, token).expect(401)
    await auth.http.get("/oidc/me").set("Authorization", `Bearer ${token}`).expect(401)
    const { body } = await ask(auth, "token/introspection", basic, { token })
    assert.notEqual(body.active, true)
    await refresh(auth, token).expect(401)
    await refreshAtTokenEndpoint(auth, basic, token).expect(400)

    const { end } = await signOut(browser, { id_token_hint: token })
    assert.equal(end.status, 400)
    const hinted = await open(browser, authorization({ ...basic, scope: SCOPE, id_token_hint: token }))
    assert.match(hinted.location ?? "", /error=invalid_request/)
    const { error } = await silently(browser, basic, { id_token_hint: tokens.id_token })
    assert.equal(error, null)

    for (const other of [tokens.id_token, tokens.access_token]) {
      const form = new URLSearchParams({ logout_token: other })
      await assert.rejects(verified(auth, { ...arrival, form }))
    }
  })
})
