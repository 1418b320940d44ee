import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { me, refresh, register } from "../support/people.js"
import { refreshAtTokenEndpoint } from "../support/relying-party.js"
import type { AuthProcess, Bundle } from "../support/setup.js"
import { CLIENTS, type Client, setupProvider } from "./support/apps.js"
import { codeFlow } from "./support/flows.js"

const { web, basic, post, partner } = CLIENTS
const DAY = 86_400

// DESIGN.md D4: one session store, two doors.
describe("a refresh token at both doors", () => {
  let auth: Bundle
  let other: AuthProcess

  before(async () => {
    auth = await setupProvider()
    other = await auth.another()
  })
  after(() => auth.stop())

  const SCOPE = "openid account"
  const atOidc = (token: string, client: Client = web, process: AuthProcess = auth) =>
    refreshAtTokenEndpoint(process, client, token)
  const isAlive = async (accessToken: string) => (await me(auth, accessToken)).status === 200

  // check 61
  for (const [first, second] of [
    ["oidc", "json"],
    ["json", "oidc"],
    ["oidc", "oidc"],
    ["json", "json"],
  ] as const) {
    it(`spent at the ${first} door and replayed at the ${second} door, ends the session at both, once`, async () => {
      const { tokens, userId, email } = await codeFlow(auth, { scope: SCOPE })
      const at = { oidc: (token: string) => atOidc(token), json: (token: string) => refresh(auth, token) }
      const next = (await at[first](tokens.refresh_token).expect(200)).body
      const last = (await at[second](next.refresh_token).expect(200)).body

      const replays = await race(8, () => at[second](tokens.refresh_token))
      for (const { status } of replays) assert.equal(status, second === "oidc" ? 400 : 401)
      await atOidc(last.refresh_token).expect(400)
      await refresh(auth, last.refresh_token).expect(401)
      for (const token of [tokens.access_token, next.access_token, last.access_token]) {
        assert.equal(await isAlive(token), false)
      }

      const events = await auth.db.query(
        "select outcome, client_id from auth.audit_events where account_id = ? and event = 'session.refresh-reused'",
        [userId],
      )
      assert.deepEqual(events, [{ outcome: "failure", client_id: "web" }])
      const notices = (await auth.mails()).filter(
        ({ kind, recipient }) => kind === "session-revoked" && recipient === email,
      )
      assert.equal(notices.length, 1)
    })
  }

  it("of a client with a secret or of somebody else's app is refused at the JSON door, and stays as it was", async () => {
    for (const client of [basic, post, partner]) {
      const { tokens } = await codeFlow(auth, {
        client,
        scope: "openid offline_access email",
        prompt: "consent",
      })
      const { body } = await refresh(auth, tokens.refresh_token).expect(401)
      assert.equal(body.code, "session.refresh-invalid")
      const next = (await atOidc(tokens.refresh_token, client).expect(200)).body
      const last = (await atOidc(next.refresh_token, client).expect(200)).body
      // Also when it is spent: nothing is learnt at this door, and nothing ended.
      await refresh(auth, tokens.refresh_token).expect(401)
      await refresh(auth, last.refresh_token).expect(401)
      await atOidc(last.refresh_token, client).expect(200)
    }
  })

  it("is its client's alone at the token endpoint", async () => {
    const { refresh_token, access_token } = await register(auth)
    for (const client of [basic, partner, { ...web, clientId: "nobody" }]) {
      assert.ok([400, 401].includes((await atOidc(refresh_token, client)).status))
    }
    assert.equal(await isAlive(access_token), true)
    await atOidc(refresh_token).expect(200)
  })

  // check 63: both doors slide for seven days and end after ninety, also when the browser's own session is over.
  it("lives as long at either door", async () => {
    for (const door of ["oidc", "json"] as const) {
      let token = (await codeFlow(auth, { scope: SCOPE })).tokens.refresh_token
      for (let day = 0; day < 90; day += 6) {
        const answer = await (door === "oidc" ? atOidc(token) : refresh(auth, token))
        assert.equal(answer.status, 200, `${door}, day ${day}`)
        token = answer.body.refresh_token
        await auth.db.elapse(6 * DAY)
      }
      assert.ok([400, 401].includes((await (door === "oidc" ? atOidc(token) : refresh(auth, token))).status))

      const idle = (await codeFlow(auth, { scope: SCOPE })).tokens.refresh_token
      await auth.db.elapse(7 * DAY + 1)
      assert.ok([400, 401].includes((await (door === "oidc" ? atOidc(idle) : refresh(auth, idle))).status))
    }
  })

  it("is taken again within the window where its answer was lost, and is a theft after it", async () => {
    const { tokens } = await codeFlow(auth, { scope: SCOPE })
    const lost = (await atOidc(tokens.refresh_token).expect(200)).body
    const retried = (await atOidc(tokens.refresh_token, web, other).expect(200)).body
    assert.equal(retried.refresh_token, lost.refresh_token)
    await auth.db.elapse(61)
    await atOidc(tokens.refresh_token).expect(400)
    await refresh(auth, lost.refresh_token).expect(401)
  })

  it("of a disabled account is worth nothing, at either door", async () => {
    const { tokens, userId, browser } = await codeFlow(auth, { scope: SCOPE })
    await auth.db.query("update auth.accounts set disabled_at = now() where id = ?", [userId])
    await atOidc(tokens.refresh_token).expect(400)
    await refresh(auth, tokens.refresh_token).expect(401)
    const { location = "" } = await browser.get("/oidc/auth?client_id=web")
    assert.doesNotMatch(location, /code=/)
    await auth.db.query("update auth.accounts set disabled_at = null where id = ?", [userId])
    await atOidc(tokens.refresh_token).expect(200)
  })
})
