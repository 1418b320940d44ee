import assert from "node:assert/strict"
import { setupTold, type ToldBundle, verified, web } from "../../backchannel-logout/support/told.js"
import { claimsOf } from "../../support/relying-party.js"
import { SIGNED_OUT } from "../support/apps.js"
import { codeFlow, silently } from "../support/flows.js"
import { discover, libraryFlow } from "../support/openid-client.js"
import { signOut } from "../support/sign-out.js"

// The modules of `oidcc-backchannel-rp-initiated-logout-certification-test-plan`. check 94
describe("OpenID conformance, back-channel logout plan", () => {
  let auth: ToldBundle

  before(async () => {
    auth = await setupTold()
  })
  after(() => auth.stop())

  it("oidcc-discovery-endpoint-verification: discovery says that it is there, with `sid`", async () => {
    const server = (await discover(auth, web)).serverMetadata()
    assert.equal(server.backchannel_logout_supported, true)
    assert.equal(server.backchannel_logout_session_supported, true)
    assert.ok(server.claims_supported?.includes("sid"))
    // What is not there is not promised.
    assert.equal(server.frontchannel_logout_supported, undefined)
  })

  it("oidcc-backchannel-rp-initiated-logout: the client is told, and is back with its state, signed out", async () => {
    const { browser, tokens, claims } = await libraryFlow(auth, web)
    const { end } = await signOut(browser, {
      id_token_hint: tokens.id_token ?? "",
      post_logout_redirect_uri: SIGNED_OUT,
      state: "s-1",
    })
    assert.equal(end.location, `${SIGNED_OUT}?state=s-1`)
    assert.equal((await silently(browser, web)).error, "login_required")

    await auth.settled()
    const [arrival = assert.fail(), ...more] = auth.receiver.of("web")
    assert.deepEqual(more, [])
    assert.equal(arrival.contentType, "application/x-www-form-urlencoded")
    const { sub, sid, iat = 0, exp = 0 } = await verified(auth, arrival)
    assert.deepEqual([sub, sid], [claims.sub, claims.sid])
    assert.ok(exp > iat && exp - iat <= 120)
  })

  for (const [what, answer] of [
    ["says 400", 400],
    ["never answers", () => {}],
  ] as const) {
    it(`oidcc-backchannel-rp-initiated-logout: a client that ${what} keeps nobody signed in`, async () => {
      auth.receiver.answer("web", answer)
      const told = auth.receiver.of("web").length
      const { browser, tokens } = await codeFlow(auth)
      const { end } = await signOut(browser, {
        id_token_hint: tokens.id_token,
        post_logout_redirect_uri: SIGNED_OUT,
      })
      assert.equal(end.location, SIGNED_OUT)
      assert.equal((await silently(browser, web)).error, "login_required")
      const arrivals = await auth.receiver.told("web", told + 1)
      assert.equal(arrivals.at(-1)?.claims.sid, claimsOf(tokens.id_token).sid)
    })
  }
})
