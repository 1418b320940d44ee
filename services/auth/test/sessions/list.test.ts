import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { CLIENTS, setupProvider } from "../oidc/support/apps.js"
import { codeFlow } from "../oidc/support/flows.js"
import { sessionOf } from "../revocations/support/feed.js"
import { logIn, logOut, me, newEmail, PASSWORD, refresh, register } from "../support/people.js"
import { refreshAtTokenEndpoint } from "../support/relying-party.js"
import type { Bundle } from "../support/setup.js"

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

interface Listed {
  id: string
  app: { client_id: string; name: string }
  device: string
  ip: string
  created_at: string
  last_used_at: string
  is_current: boolean
}

// check 67
describe("the list of somebody's sessions", () => {
  let auth: Bundle

  before(async () => {
    auth = await setupProvider({ TRUSTED_PROXY_HOPS: "1" })
  })
  after(() => auth.stop())

  const bearer = (accessToken: string) => ({ Authorization: `Bearer ${accessToken}` })
  const list = async (accessToken: string): Promise<Listed[]> => {
    const { body } = await auth.http.get("/v1/auth/sessions").set(bearer(accessToken)).expect(200)
    assert.equal(body.next_cursor, null)
    return body.items
  }
  const end = (accessToken: string, path: string) =>
    auth.http.delete(`/v1/auth/sessions${path}`).set(bearer(accessToken))
  const from = (ip: string) => ({ "X-Forwarded-For": ip })
  const signIn = async (email: string) => (await logIn(auth, email).expect(200)).body

  it("says of each which app, which device, from where, since when, and which one asks", async () => {
    const email = newEmail()
    const { body: first } = await auth.http
      .post("/v1/auth/register")
      .set(from("192.0.2.1"))
      .send({ email, password: PASSWORD, device_name: "Kim’s 📱" })
      .expect(201)
    const startedAt = Date.now()
    const { body: second } = await logIn(auth, email)
      .set({ ...from("2001:db8::2"), "User-Agent": FIREFOX, "X-Client-Id": "native" })
      .expect(200)

    const [browser, phone, ...others] = await list(first.access_token)
    assert.deepEqual(others, [])
    assert.ok(browser && phone)
    const { created_at, last_used_at, ...rest } = phone
    assert.deepEqual(rest, {
      id: sessionOf(first.access_token),
      app: { client_id: "web", name: "WEB" },
      device: "Kim’s 📱",
      ip: "192.0.2.1",
      is_current: true,
    })
    assert.equal(last_used_at, created_at)
    assert.ok(Math.abs(Date.parse(created_at) - startedAt) < 5_000)
    assert.deepEqual(browser.app, { client_id: "native", name: "NATIVE" })
    assert.deepEqual(
      [browser.device, browser.ip, browser.is_current],
      ["Firefox on Linux", "2001:db8::2", false],
    )
    const asked = await list(second.access_token)
    assert.deepEqual(
      asked.map(({ id, is_current }) => [id, is_current]),
      [
        [browser.id, true],
        [phone.id, false],
      ],
    )
  })

  it("says from where and when each was last used, at either door, and has that one first", async () => {
    const { email, tokens } = await codeFlow(auth, { scope: "openid account" })
    const { access_token, refresh_token } = await signIn(email)
    await auth.db.elapse(3_600)
    await refresh(auth, refresh_token).set(from("192.0.2.7")).expect(200)
    const id = sessionOf(access_token)
    const [used] = await list(access_token)
    assert.deepEqual([used?.id, used?.ip], [id, "192.0.2.7"])
    const idleMs = Date.parse(used?.last_used_at ?? "") - Date.parse(used?.created_at ?? "")
    assert.ok(idleMs >= 3_600_000 && idleMs < 3_660_000)

    await refreshAtTokenEndpoint(auth, CLIENTS.web, tokens.refresh_token, from("192.0.2.8")).expect(200)
    const [byOidc] = await list(access_token)
    assert.deepEqual([byOidc?.id, byOidc?.ip], [sessionOf(tokens.access_token), "192.0.2.8"])
  })

  it("names a device by its User-Agent as far as that goes, where its app does not", async () => {
    const email = newEmail()
    await register(auth, email)
    const devices = {
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1":
        "Safari on iPhone",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36 Edg/126.0":
        "Edge on Windows",
      "Dart/3.4 (dart:io)": "app",
      "curl/8.9.1": "curl",
      "<script>alert(1)</script>": "<script>alert(1)<",
    }
    for (const [userAgent, device] of Object.entries(devices)) {
      const { body } = await logIn(auth, email).set("User-Agent", userAgent).expect(200)
      assert.equal((await list(body.access_token)).find(({ is_current }) => is_current)?.device, device)
    }
    const bare = { method: "POST", headers: { "Content-Type": "application/json", "User-Agent": "" } }
    const body = JSON.stringify({ email, password: PASSWORD })
    const unnamed = (await (await fetch(`${auth.url}/v1/auth/login`, { ...bare, body })).json()) as {
      access_token: string
    }
    assert.equal((await list(unnamed.access_token))[0]?.device, "Unknown device")
  })

  it("takes no device name that nobody can read, and signs nobody in with one", async () => {
    const email = newEmail()
    const { access_token } = await register(auth, email)
    for (const device_name of [
      "",
      " ",
      "x".repeat(101),
      "a\u202eb",
      "see https://evil.test",
      "\u200b",
      7,
      null,
    ]) {
      const { body } = await auth.http
        .post("/v1/auth/login")
        .send({ email, password: PASSWORD, device_name })
        .expect(400)
      assert.equal(body.errors[0].pointer, "/device_name")
    }
    assert.equal((await list(access_token)).length, 1)
  })

  it("has no session that is over", async () => {
    const email = newEmail()
    const { access_token } = await register(auth, email)
    const ended = await signIn(email)
    const old = await signIn(email)
    const idle = await signIn(email)
    await logOut(auth, ended.access_token).expect(200)
    for (const [{ access_token }, sql] of [
      [old, "update auth.sessions set expires_at = now() where id = ?"],
      [idle, "update auth.refresh_tokens set expires_at = now() where session_id = ?"],
    ] as const) {
      await auth.db.query(sql, [sessionOf(access_token)])
    }
    assert.deepEqual(
      (await list(access_token)).map(({ id }) => id),
      [sessionOf(access_token)],
    )
  })

  it("ends one, and nobody else's, nor one that is none", async () => {
    const [mine, theirs] = [await register(auth), await register(auth)]
    const other = await signIn(mine.user.email)

    for (const [id, status] of [
      [sessionOf(theirs.access_token), 404],
      [randomUUID(), 404],
      ["1", 400],
      [sessionOf(other.access_token), 200],
      [sessionOf(other.access_token), 404],
    ] as const) {
      await end(mine.access_token, `/${id}`).expect(status)
    }
    await me(auth, theirs.access_token).expect(200)
    await me(auth, mine.access_token).expect(200)
    await me(auth, other.access_token).expect(401)
  })

  it("ends nothing for a wish that it doesn't know", async () => {
    const { access_token } = await register(auth)
    for (const query of ["which=mine", "which=", "which=all&which=others"]) {
      await end(access_token, `?${query}`).expect(400)
    }
    await me(auth, access_token).expect(200)
  })
})
