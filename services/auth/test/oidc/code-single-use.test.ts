import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { me, newEmail, register } from "../support/people.js"
import {
  ask,
  authorization,
  exchangeCode,
  openBrowser,
  refreshAtTokenEndpoint,
} from "../support/relying-party.js"
import type { AuthProcess, Bundle } from "../support/setup.js"
import { CLIENTS, type Client, setupProvider } from "./support/apps.js"
import { signIn } from "./support/flows.js"

// check 88
describe("an authorization code", () => {
  let auth: Bundle
  let other: AuthProcess

  before(async () => {
    auth = await setupProvider()
    other = await auth.another()
  })
  after(() => auth.stop())

  async function newCode(client: Client = CLIENTS.basic, scope = "openid account") {
    const email = newEmail()
    await register(auth, email)
    const request = authorization({ ...client, scope })
    return { request, location: await signIn(openBrowser(auth), request, email) }
  }

  it("gives tokens once at most, of 16 exchanges at once over two processes, and those die by the replay", async () => {
    const { request, location } = await newCode()
    const answers = await race(16, (index) => exchangeCode(index % 2 ? auth : other, request, location))

    // A replay that is quicker than the first use's own tokens ends the session before it has any.
    const [winner, ...more] = answers.filter(({ status }) => status === 200)
    assert.equal(more.length, 0)
    const losers = answers.filter((answer) => answer !== winner)
    for (const { status, body } of losers) assert.deepEqual([status, body.error], [400, "invalid_grant"])

    await exchangeCode(auth, request, location).expect(400)
    if (!winner) return
    await me(auth, winner.body.access_token).expect(401)
    await refreshAtTokenEndpoint(auth, CLIENTS.basic, winner.body.refresh_token).expect(400)
    const form = { token: winner.body.refresh_token }
    const { body } = await ask(auth, "token/introspection", CLIENTS.basic, form).expect(200)
    assert.deepEqual(body, { active: false })
  })

  it("is its client's alone, and is not spent by another's attempt", async () => {
    const { request, location } = await newCode()
    for (const client of [CLIENTS.post, CLIENTS.web]) {
      const { body } = await exchangeCode(
        auth,
        { ...request, secret: undefined, ...client, redirectUri: request.redirectUri },
        location,
      ).expect(400)
      assert.equal(body.error, "invalid_grant")
    }
    await exchangeCode(auth, request, location).expect(200)
  })

  it("is good for sixty seconds", async () => {
    const [late, inTime] = [await newCode(), await newCode()]
    await auth.db.elapse(45)
    await exchangeCode(auth, inTime.request, inTime.location).expect(200)
    await auth.db.elapse(16)
    await exchangeCode(auth, late.request, late.location).expect(400)
  })

  it("is worth nothing once its session was ended", async () => {
    const { request, location } = await newCode()
    await auth.db.query(
      "update auth.sessions set revoked_at = now(), revoked_because = 'logout' where client_id = ?",
      ["basic"],
    )
    const { body } = await exchangeCode(auth, request, location).expect(400)
    assert.equal(body.error, "invalid_grant")
  })

  it("is stored as a hash", async () => {
    const { location } = await newCode()
    const code = new URL(location).searchParams.get("code")
    assert.ok(code && code.length >= 43)
    const [row] = await auth.db.query<{ found: boolean }>(
      "select exists (select 1 from auth.oidc_artifacts a where a::text like ?) as found",
      [`%${code}%`],
    )
    assert.equal(row?.found, false)
  })
})
