import assert from "node:assert/strict"
import { me, register } from "../support/people.js"
import { ask, refreshAtTokenEndpoint } from "../support/relying-party.js"
import type { Bundle } from "../support/setup.js"
import { SECRETS } from "../support/setup.js"
import { CLIENTS, setupProvider } from "./support/apps.js"
import { codeFlow } from "./support/flows.js"

const { basic, post, web, partner } = CLIENTS
const backend = { clientId: "backend", secret: SECRETS.SERVICE_CLIENT_SECRET }

// check 68: RFC 7009 and RFC 7662
describe("introspection and revocation", () => {
  let auth: Bundle

  before(async () => {
    auth = await setupProvider()
  })
  after(() => auth.stop())

  const introspect = (client: Parameters<typeof ask>[2], token: string, hint?: string) =>
    ask(auth, "token/introspection", client, { token, ...(hint && { token_type_hint: hint }) })
  const revoke = (client: Parameters<typeof ask>[2], token: string, hint?: string) =>
    ask(auth, "token/revocation", client, { token, ...(hint && { token_type_hint: hint }) })
  const signedIn = (scope = "openid") => codeFlow(auth, { client: basic, scope })

  it("tell a client of its own tokens, opaque ones and refresh tokens", async () => {
    const { tokens, userId } = await signedIn()
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      const { body, headers } = await introspect(basic, token).expect(200)
      assert.deepEqual([body.active, body.client_id, body.sub], [true, "basic", userId])
      assert.equal(headers["cache-control"], "no-store")
      for (const more of ["email", "roles", "user_id", "name"]) assert.ok(!(more in body), more)
    }
  })

  it("tell nobody else anything: no other client, and nobody without a secret", async () => {
    const { tokens } = await signedIn()
    for (const client of [post, partner, backend, web]) {
      for (const token of [tokens.access_token, tokens.refresh_token, "nothing"]) {
        const { status, body } = await introspect(client, token)
        assert.deepEqual([status, body], [200, { active: false }], client.clientId)
      }
    }
    for (const stranger of [
      { clientId: "basic" },
      { ...basic, secret: "wrong".repeat(8) },
      { clientId: "nobody", secret: "x" },
    ]) {
      const { status, body } = await introspect(stranger, tokens.access_token)
      assert.deepEqual([status, body.error], [401, "invalid_client"])
    }
    for (const form of [{ token: tokens.access_token }, { token: "x" }, {}]) {
      const anonymous = await auth.http.post("/oidc/token/introspection").type("form").send(form).expect(401)
      assert.equal(anonymous.body.error, "invalid_client")
      assert.match(anonymous.headers["www-authenticate"] ?? "", /^Basic /)
    }
    // A public client's name is no proof, so it learns nothing of its own tokens either.
    const own = (await codeFlow(auth, { client: web, scope: "openid" })).tokens.access_token
    assert.deepEqual((await introspect(web, own).expect(200)).body, { active: false })
  })

  it("of a spent refresh token say nothing, and asking is no theft", async () => {
    const { tokens } = await signedIn()
    const second = (await refreshAtTokenEndpoint(auth, basic, tokens.refresh_token).expect(200)).body
    const third = (await refreshAtTokenEndpoint(auth, basic, second.refresh_token).expect(200)).body
    assert.deepEqual((await introspect(basic, tokens.refresh_token)).body, { active: false })
    assert.deepEqual((await introspect(post, tokens.refresh_token)).body, { active: false })
    await refreshAtTokenEndpoint(auth, basic, third.refresh_token).expect(200)
  })

  it("end the session by any of its tokens, and then know none of them", async () => {
    for (const which of ["access_token", "refresh_token"] as const) {
      const { tokens } = await signedIn()
      const { text } = await revoke(basic, tokens[which]).expect(200)
      assert.equal(text, "")
      for (const token of [tokens.access_token, tokens.refresh_token]) {
        assert.deepEqual((await introspect(basic, token).expect(200)).body, { active: false })
      }
      await auth.http.get("/oidc/me").set("Authorization", `Bearer ${tokens.access_token}`).expect(401)
      await refreshAtTokenEndpoint(auth, basic, tokens.refresh_token).expect(400)
    }
  })

  it("end it also by a refresh token that was spent", async () => {
    const { tokens } = await signedIn("openid account")
    const second = (await refreshAtTokenEndpoint(auth, basic, tokens.refresh_token).expect(200)).body
    await refreshAtTokenEndpoint(auth, basic, second.refresh_token).expect(200)
    await revoke(basic, tokens.refresh_token).expect(200)
    await me(auth, second.access_token).expect(401)
  })

  it("answer 200 to a token that nobody knows, whatever it is said to be", async () => {
    for (const hint of [undefined, "access_token", "refresh_token", "nonsense"]) {
      await revoke(basic, "nothing", hint).expect(200)
      assert.deepEqual((await introspect(basic, "nothing", hint).expect(200)).body, { active: false })
    }
    await revoke({ ...basic, secret: "wrong".repeat(8) }, "nothing").expect(401)
  })

  it("leave another client's tokens as they are", async () => {
    const { tokens } = await signedIn("openid account")
    const opaque = (await signedIn()).tokens
    for (const client of [post, partner, web]) {
      for (const token of [tokens.refresh_token, opaque.access_token]) {
        const { status } = await revoke(client, token)
        assert.ok([200, 400].includes(status), String(status))
      }
    }
    await me(auth, tokens.access_token).expect(200)
    await refreshAtTokenEndpoint(auth, basic, tokens.refresh_token).expect(200)
    await auth.http.get("/oidc/me").set("Authorization", `Bearer ${opaque.access_token}`).expect(200)
  })

  it("take the JSON door's refresh tokens from their client", async () => {
    const { refresh_token, access_token } = await register(auth)
    await revoke(web, refresh_token).expect(200)
    await me(auth, access_token).expect(401)
  })

  // A signed token is for its audience to verify; it is neither asked about nor taken back one by one.
  it("say that they don't take a signed access token", async () => {
    const { tokens } = await signedIn("openid account")
    for (const answer of [
      await introspect(basic, tokens.access_token),
      await revoke(basic, tokens.access_token),
    ]) {
      assert.deepEqual([answer.status, answer.body.error], [400, "unsupported_token_type"])
    }
    await me(auth, tokens.access_token).expect(200)
  })
})
