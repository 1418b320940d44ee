import assert from "node:assert/strict"
import { createHmac, randomUUID } from "node:crypto"
import { race } from "@gatepost/testkit"
import { me, newEmail, refresh, register } from "../support/people.js"
import {
  authorization,
  claimsOf,
  exchangeCode,
  openBrowser,
  refreshAtTokenEndpoint,
} from "../support/relying-party.js"
import type { AuthProcess, Bundle } from "../support/setup.js"
import { CLIENTS, setupProvider } from "./support/apps.js"
import { type DpopKey, newDpopKey, type ProofOptions } from "./support/dpop.js"
import { codeFlow, signIn } from "./support/flows.js"

const { bound, web } = CLIENTS

// check 96, RFC 9449
describe("DPoP", () => {
  let auth: Bundle
  let other: AuthProcess
  let key: DpopKey

  before(async () => {
    auth = await setupProvider()
    other = await auth.another()
    key = newDpopKey()
  })
  after(() => auth.stop())

  const atToken = (options?: ProofOptions, own = key) => own.proof("POST", "/oidc/token", options)
  const signedIn = (scope = "openid", own = key) =>
    codeFlow(auth, { client: bound, scope, headers: atToken({}, own) })

  async function newCode(params: Record<string, string> = {}) {
    const email = newEmail()
    await register(auth, email)
    const request = authorization({ ...bound, scope: "openid", ...params })
    return { request, location: await signIn(openBrowser(auth), request, email) }
  }

  const userInfo = (token: string, headers: Record<string, string>, scheme = "DPoP") =>
    auth.http.get("/oidc/me").set({ Authorization: `${scheme} ${token}`, ...headers })

  it("binds code, access token and refresh token to one key", async () => {
    const { tokens } = await signedIn()
    assert.equal(tokens.token_type, "DPoP")
    const proof = () => key.proof("GET", "/oidc/me", { accessToken: tokens.access_token })
    await userInfo(tokens.access_token, proof()).expect(200)
    const next = await refreshAtTokenEndpoint(auth, bound, tokens.refresh_token, atToken()).expect(200)
    assert.equal(next.body.token_type, "DPoP")

    const thief = newDpopKey()
    await refreshAtTokenEndpoint(auth, bound, next.body.refresh_token, atToken({}, thief)).expect(400)
    await refreshAtTokenEndpoint(auth, bound, next.body.refresh_token).expect(400)
    await refreshAtTokenEndpoint(auth, bound, next.body.refresh_token, atToken()).expect(200)
  })

  it("says in a signed access token which key it is bound to", async () => {
    const { tokens } = await signedIn("openid account")
    assert.deepEqual(claimsOf(tokens.access_token).cnf, { jkt: key.thumbprint })
  })

  it("refuses a bound token that comes as Bearer, or with another key's proof", async () => {
    const { tokens } = await signedIn()
    const token = tokens.access_token
    await userInfo(token, {}, "Bearer").expect(401)
    await userInfo(token, {}, "DPoP").expect(400)
    const theirs = newDpopKey().proof("GET", "/oidc/me", { accessToken: token })
    const { headers } = await userInfo(token, theirs).expect(401)
    assert.match(headers["www-authenticate"] ?? "", /^DPoP .*error="invalid_token"/)
    await userInfo(token, key.proof("GET", "/oidc/me", { accessToken: token }), "Bearer").expect((answer) => {
      assert.ok([400, 401].includes(answer.status))
    })
  })

  it("is for a client that chose it: without a proof there is no token", async () => {
    const { request, location } = await newCode()
    const { body } = await exchangeCode(auth, request, location).expect(400)
    assert.equal(body.error, "invalid_grant")
  })

  it("holds a code to the key that the request named", async () => {
    for (const params of [{ dpop_jkt: newDpopKey().thumbprint }, {}]) {
      const { request, location } = await newCode(params as Record<string, string>)
      const { status } = await exchangeCode(auth, request, location, atToken())
      assert.equal(status, "dpop_jkt" in params ? 400 : 200)
    }
    const named = await newCode({ dpop_jkt: key.thumbprint })
    await exchangeCode(auth, named.request, named.location, atToken()).expect(200)
  })

  it("can be chosen for one sign-in by any client, and holds then", async () => {
    const { tokens } = await codeFlow(auth, { client: web, scope: "openid", headers: atToken() })
    assert.equal(tokens.token_type, "DPoP")
    await refreshAtTokenEndpoint(auth, web, tokens.refresh_token).expect(400)
    await refreshAtTokenEndpoint(auth, web, tokens.refresh_token, atToken()).expect(200)
  })

  it("takes a proof once, of 16 at the same moment over two processes", async () => {
    const { tokens } = await signedIn()
    const headers = {
      Authorization: `DPoP ${tokens.access_token}`,
      ...key.proof("GET", "/oidc/me", { accessToken: tokens.access_token }),
    }
    const answers = await race(16, (index) => (index % 2 ? auth : other).http.get("/oidc/me").set(headers))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    for (const { status } of answers) assert.ok([200, 400, 401].includes(status), String(status))

    const again = atToken()
    await refreshAtTokenEndpoint(auth, bound, "nothing", again).expect(400)
    const first = await refreshAtTokenEndpoint(auth, bound, tokens.refresh_token, again).expect(200)
    await refreshAtTokenEndpoint(auth, bound, first.body.refresh_token, again).expect(400)
  })

  const now = () => Math.floor(Date.now() / 1000)
  const oct = () => {
    const k = Buffer.from("s".repeat(32)).toString("base64url")
    const head = { typ: "dpop+jwt", alg: "HS256", jwk: { kty: "oct", k } }
    const payload = { jti: randomUUID(), htm: "POST", htu: "http://localhost:8000/oidc/token", iat: now() }
    const input = [head, payload]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".")
    return { DPoP: `${input}.${createHmac("sha256", "s".repeat(32)).update(input).digest("base64url")}` }
  }

  for (const [what, make] of Object.entries<() => Record<string, string>>({
    "another method": () => atToken({ claims: { htm: "GET" } }),
    "another address": () => atToken({ claims: { htu: "http://localhost:8000/oidc/me" } }),
    "another host": () => atToken({ claims: { htu: "https://evil.test/oidc/token" } }),
    "no address": () => atToken({ claims: { htu: undefined } }),
    "61 seconds ago": () => atToken({ claims: { iat: now() - 61 } }),
    "62 seconds ahead": () => atToken({ claims: { iat: now() + 62 } }),
    "no time": () => atToken({ claims: { iat: undefined } }),
    "a time in words": () => atToken({ claims: { iat: String(now()) } }),
    "no jti": () => atToken({ claims: { jti: undefined } }),
    "a jti that is no text": () => atToken({ claims: { jti: 1 } }),
    "another typ": () => atToken({ header: { typ: "JWT" } }),
    "no typ": () => atToken({ header: { typ: undefined } }),
    "no key": () => atToken({ header: { jwk: undefined } }),
    "a private key": () => atToken({ header: { jwk: key.privateJwk } }),
    "somebody else's key": () => atToken({ header: { jwk: { ...newDpopKey().privateJwk, d: undefined } } }),
    "alg none": () => atToken({ header: { alg: "none" } }),
    "a symmetric algorithm": oct,
    "an unknown crit": () => atToken({ header: { crit: ["x"], x: 1 } }),
    "a nonce that we never gave": () => atToken({ claims: { nonce: "x" } }),
    "not a proof": () => ({ DPoP: "x" }),
    "half a proof": () => ({ DPoP: atToken().DPoP.slice(0, -9) }),
    "two proofs": () => ({ DPoP: `${atToken().DPoP}, ${atToken().DPoP}` }),
  })) {
    it(`refuses a proof with ${what}`, async () => {
      const answer = await refreshAtTokenEndpoint(auth, bound, "nothing", make())
      assert.deepEqual([answer.status, answer.body.error], [400, "invalid_dpop_proof"])
    })
  }

  it("takes clocks that are ten seconds off, either way", async () => {
    for (const shift of [-10, 10]) {
      const { request, location } = await newCode()
      await exchangeCode(auth, request, location, atToken({ claims: { iat: now() + shift } })).expect(200)
    }
  })

  it("wants the hash of the access token beside it", async () => {
    const { tokens } = await signedIn()
    for (const options of [{}, { accessToken: "another" }]) {
      const { status, body } = await userInfo(tokens.access_token, key.proof("GET", "/oidc/me", options))
      assert.ok([400, 401].includes(status))
      assert.equal(body.error, "invalid_dpop_proof")
    }
  })

  // DESIGN.md D4: a token that is bound to a key is for the token endpoint alone.
  it("keeps a bound refresh token from the JSON door, and does not spend it there", async () => {
    const { tokens } = await signedIn("openid account")
    await refresh(auth, tokens.refresh_token).expect(401)
    const next = await refreshAtTokenEndpoint(auth, bound, tokens.refresh_token, atToken()).expect(200)
    await refresh(auth, tokens.refresh_token).expect(401)
    await refreshAtTokenEndpoint(auth, bound, next.body.refresh_token, atToken()).expect(200)
    await me(auth, "nothing").expect(401)
  })
})
