import assert from "node:assert/strict"
import { codeFlow, open, silently } from "../oidc/support/flows.js"
import { signOut } from "../oidc/support/sign-out.js"
import { logIn, logOut, me, PASSWORD, refresh, register } from "../support/people.js"
import {
  ask,
  authorization,
  claimsOf,
  exchangeCode,
  refreshAtTokenEndpoint,
} from "../support/relying-party.js"
import { basic, partner, post, setupTold, type ToldBundle, verified, web } from "./support/told.js"

const SCOPE = "openid account"

// check 94: whatever ends a session, its client is told of it, once.
describe("the end of a session", () => {
  let auth: ToldBundle

  before(async () => {
    auth = await setupTold()
  })
  after(() => auth.stop())

  const sidOf = (token: string) => String(claimsOf(token).sid)
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

  /** Does something, and names each client and session that was told of since, sorted. */
  async function toldBy(work: () => Promise<unknown>): Promise<string[]> {
    await auth.settled()
    const [before, known] = [auth.receiver.arrivals.length, (await auth.rows()).length]
    await work()
    const rows = (await auth.settled()).slice(known)
    const arrivals = auth.receiver.arrivals.slice(before)
    for (const arrival of arrivals) await verified(auth, arrival)
    const told = arrivals.map(({ clientId, claims }) => `${clientId} ${claims.sid}`).sort()
    assert.deepEqual(told, rows.map(({ client_id, session_id }) => `${client_id} ${session_id}`).sort())
    return told
  }

  /** A browser with two of our apps open. */
  async function withTwoApps() {
    const first = await codeFlow(auth, { scope: SCOPE })
    const { request, location } = await silently(first.browser, basic, { scope: SCOPE })
    const second = (await exchangeCode(auth, request, location).expect(200)).body
    return { ...first, web: sidOf(first.tokens.id_token), basic: sidOf(second.id_token), second }
  }

  it("by logout at the JSON door", async () => {
    const byPassword = await register(auth)
    const sid = sidOf(byPassword.access_token)
    assert.deepEqual(await toldBy(() => logOut(auth, byPassword.access_token).expect(200)), [`web ${sid}`])

    // Of two apps in a browser it ends the one that asks (one-logout.test.ts).
    const two = await withTwoApps()
    assert.deepEqual(await toldBy(() => logOut(auth, two.tokens.access_token).expect(200)), [
      `web ${two.web}`,
    ])
    await me(auth, two.second.access_token).expect(200)
  })

  it("by logout in the browser, of every app that was opened there", async () => {
    const two = await withTwoApps()
    const told = await toldBy(() => signOut(two.browser, {}))
    assert.deepEqual(told, [`basic ${two.basic}`, `web ${two.web}`])
  })

  it("by a client that asks for its own while the person stays signed in", async () => {
    const two = await withTwoApps()
    const told = await toldBy(() => signOut(two.browser, { client_id: "web" }, "GET", "stay"))
    assert.deepEqual(told, [`web ${two.web}`])
    const left = await toldBy(() => signOut(two.browser, {}))
    assert.deepEqual(left, [`basic ${two.basic}`])
  })

  it("by somebody else who signs in to the same browser", async () => {
    const two = await withTwoApps()
    const other = await register(auth)
    const told = await toldBy(async () => {
      const page = await open(two.browser, authorization({ ...web, scope: SCOPE, prompt: "login" }))
      const switched = await two.browser.post(`${page.path}/login`, {
        email: other.user.email,
        password: PASSWORD,
      })
      const form = await two.browser.follow(switched)
      const xsrf = /name="xsrf" value="([\w-]+)"/.exec(form.text)?.[1] ?? ""
      await two.browser.post("/oidc/session/end/confirm", { xsrf, logout: "yes" })
    })
    assert.deepEqual(told, [`basic ${two.basic}`, `web ${two.web}`])
  })

  // Back-Channel Logout section 2.7: a logout for the client, none for what it may do while its person is away.
  it("in the browser, also where a session lives on for offline access; and then no more", async () => {
    for (const answer of ["leave", "stay"] as const) {
      const { browser, tokens, userId } = await codeFlow(auth, {
        client: partner,
        scope: "openid offline_access",
        prompt: "consent",
      })
      const sid = sidOf(tokens.id_token)
      const told = await toldBy(() => signOut(browser, { client_id: "partner" }, "GET", answer))
      assert.deepEqual(told, [`partner ${sid}`], answer)

      const { body } = await refreshAtTokenEndpoint(auth, partner, tokens.refresh_token).expect(200)
      assert.equal(sidOf(body.id_token), sid)
      const events = await auth.db.query(
        "select event, session_id from auth.audit_events where account_id = ? and event = 'session.signed-out'",
        [userId],
      )
      assert.deepEqual(events, [{ event: "session.signed-out", session_id: sid }])
      const revoke = () => ask(auth, "token/revocation", partner, { token: body.refresh_token }).expect(200)
      assert.deepEqual(await toldBy(revoke), [])
    }
  })

  it("by signing in anew is none: the browser only gets another id", async () => {
    const { browser, email } = await codeFlow(auth, {
      client: partner,
      scope: "openid offline_access",
      prompt: "consent",
    })
    const told = await toldBy(async () => {
      const page = await open(browser, authorization({ ...partner, scope: "openid", prompt: "login" }))
      const back = await browser.follow(
        await browser.post(`${page.path}/login`, { email, password: PASSWORD }),
      )
      assert.match(back.location ?? "", /code=/)
    })
    assert.deepEqual(told, [])
  })

  it("by a password reset, of all there are", async () => {
    const two = await withTwoApps()
    const { body } = await logIn(auth, two.email).expect(200)
    const registered = await auth.db.query<{ id: string }>(
      "select id from auth.sessions where account_id = ? and oidc_grant is null and id <> ?",
      [two.userId, sidOf(body.access_token)],
    )
    const told = await toldBy(async () => {
      await auth.http.post("/v1/auth/forgot-password").send({ email: two.email }).expect(200)
      const link = { token: await auth.tokenFromMail("reset-password"), new_password: "quite another phrase" }
      await auth.http.post("/v1/auth/reset-password").send(link).expect(200)
    })
    const atJsonDoor = [sidOf(body.access_token), registered[0]?.id].map((sid) => `web ${sid}`)
    assert.deepEqual(told, [`basic ${two.basic}`, `web ${two.web}`, ...atJsonDoor].sort())
  })

  // check 61
  it("by a refresh token that comes twice, at either door", async () => {
    for (const replay of [
      (token: string) => refresh(auth, token).expect(401),
      (token: string) => refreshAtTokenEndpoint(auth, web, token).expect(400),
    ]) {
      const { tokens } = await codeFlow(auth, { scope: SCOPE })
      const { body } = await refresh(auth, tokens.refresh_token).expect(200)
      await refresh(auth, body.refresh_token).expect(200)
      const told = await toldBy(() => replay(tokens.refresh_token))
      assert.deepEqual(told, [`web ${sidOf(tokens.id_token)}`])
    }
  })

  // check 88
  it("by a code that comes twice, and by a client that gives its refresh token back", async () => {
    const { tokens, request, location } = await codeFlow(auth, { client: basic, scope: SCOPE })
    const twice = await toldBy(() => exchangeCode(auth, request, location).expect(400))
    assert.deepEqual(twice, [`basic ${sidOf(tokens.id_token)}`])

    const given = (await codeFlow(auth, { client: basic, scope: SCOPE })).tokens
    const back = await toldBy(() =>
      ask(auth, "token/revocation", basic, { token: given.refresh_token }).expect(200),
    )
    assert.deepEqual(back, [`basic ${sidOf(given.id_token)}`])
  })

  it("from the list of sessions, one, all others, or all", async () => {
    const two = await withTwoApps()
    const asker = (await logIn(auth, two.email).expect(200)).body.access_token
    const end = (path: string) => toldBy(() => auth.http.delete(path).set(bearer(asker)).expect(200))

    assert.deepEqual(await end(`/v1/auth/sessions/${two.basic}`), [`basic ${two.basic}`])
    const others = await end("/v1/auth/sessions?which=others")
    // The registration's own session as well.
    assert.equal(others.length, 2)
    assert.ok(others.includes(`web ${two.web}`))
    assert.deepEqual(await end("/v1/auth/sessions"), [`web ${sidOf(asker)}`])
  })

  // check 115
  it("with its account, or by hand in the database", async () => {
    const [closed, ended] = [await register(auth), await register(auth)]
    const byDelete = await toldBy(() =>
      auth.db.query("delete from auth.accounts where id = ?", [closed.user.id]),
    )
    assert.deepEqual(byDelete, [`web ${sidOf(closed.access_token)}`])
    const revoke = "update auth.sessions set revoked_at = now(), revoked_because = 'logout' where id = ?"
    const byHand = await toldBy(() => auth.db.query(revoke, [sidOf(ended.access_token)]))
    assert.deepEqual(byHand, [`web ${sidOf(ended.access_token)}`])
  })

  it("that came by itself is no logout, and neither is its being swept away", async () => {
    const { access_token } = await register(auth)
    const told = await toldBy(async () => {
      await auth.db.query("update auth.sessions set expires_at = now() where id = ?", [sidOf(access_token)])
      await auth.db.query("delete from auth.sessions where id = ?", [sidOf(access_token)])
    })
    assert.deepEqual(told, [])
  })

  it("is told of once it is committed, and not at all where it was undone", async () => {
    const [undone, late] = [await register(auth), await register(auth)]
    const revoke = "update auth.sessions set revoked_at = now(), revoked_because = 'logout' where id = ?"
    const told = await toldBy(async () => {
      const rolledBack = await auth.db.database.db.transaction()
      await rolledBack.raw(revoke, [sidOf(undone.access_token)])
      await rolledBack.rollback()

      const held = await auth.db.database.db.transaction()
      await held.raw(revoke, [sidOf(late.access_token)])
      await logOut(auth, (await register(auth)).access_token).expect(200)
      const soFar = (await auth.settled()).map(({ session_id }) => session_id)
      assert.ok(!soFar.includes(sidOf(late.access_token)))
      await held.commit()
    })
    assert.equal(told.length, 2)
    assert.ok(told.includes(`web ${sidOf(late.access_token)}`))
    await me(auth, undone.access_token).expect(200)
  })

  it("of an app without a URI leaves nothing", async () => {
    const { tokens, browser } = await codeFlow(auth, { client: post, scope: SCOPE })
    assert.deepEqual(await toldBy(() => logOut(auth, tokens.access_token).expect(200)), [])
    assert.deepEqual(await toldBy(() => signOut(browser, {})), [])
  })
})
