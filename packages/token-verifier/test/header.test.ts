import assert from "node:assert/strict"
import { constants, createHmac, sign } from "node:crypto"
import { listen, type Setup, setup, stopServers } from "./support/setup.js"
import { createEcKey, keys, pemOf, signingInput, signToken, userClaims } from "./support/signer.js"

describe("the header of a token", () => {
  let api: Setup
  beforeEach(async () => {
    api = await setup()
  })
  afterEach(stopServers)

  const input = (header: object) =>
    signingInput({ typ: "at+jwt", kid: "current", ...header }, userClaims(api.clock()))

  async function assertRefused(tokens: Record<string, string>): Promise<void> {
    await api.get(api.userToken()).expect(200)
    const fetches = api.jwks.fetches
    api.clock.advance(60) // a fetch would be allowed
    for (const [name, token] of Object.entries(tokens)) {
      const { status, body } = await api.get(token)
      assert.deepEqual([status, body.code], [401, "token_invalid"], name)
    }
    assert.equal(api.jwks.fetches, fetches)
  }

  it("takes RS256 and no other algorithm", async () => {
    // check 73
    const { privateKey, jwk } = keys.current
    const ec = createEcKey("ec")
    api.jwks.publish({ keys: [keys.current.jwk, ec.jwk] })
    const hmac = (secret: string | Buffer) => {
      const text = input({ alg: "HS256" })
      return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`
    }
    const rsa = (alg: string, hash: string, padding: number) => {
      const text = input({ alg })
      return `${text}.${sign(hash, Buffer.from(text), { key: privateKey, padding }).toString("base64url")}`
    }
    const ecInput = input({ alg: "ES256", kid: "ec" })
    const ecSignature = sign("sha256", Buffer.from(ecInput), {
      key: ec.privateKey,
      dsaEncoding: "ieee-p1363",
    })
    await assertRefused({
      none: `${input({ alg: "none" })}.`,
      "none, with a signature": api.userToken({}, { alg: "none" }),
      None: `${input({ alg: "None" })}.`,
      "empty signature": `${input({ alg: "RS256" })}.`,
      "HS256 by PEM": hmac(pemOf(keys.current)),
      "HS256 by modulus": hmac(Buffer.from(String(jwk.n), "base64url")),
      "HS256 by modulus as text": hmac(String(jwk.n)),
      PS256: rsa("PS256", "sha256", constants.RSA_PKCS1_PSS_PADDING),
      RS512: rsa("RS512", "sha512", constants.RSA_PKCS1_PADDING),
      "RS256, signed as PS256": rsa("RS256", "sha256", constants.RSA_PKCS1_PSS_PADDING),
      ES256: `${ecInput}.${ecSignature.toString("base64url")}`,
      "lower case": api.userToken({}, { alg: "rs256" }),
      "an array": api.userToken({}, { alg: ["RS256"] }),
      "no alg": api.userToken({}, { alg: undefined }),
    })
  })

  it("takes only what is typed as an access token", async () => {
    // check 74
    await assertRefused({
      "ID token": api.userToken({}, { typ: "JWT" }),
      "logout token": api.userToken({}, { typ: "logout+jwt" }),
      "no typ": api.userToken({}, { typ: undefined }),
      "an array": api.userToken({}, { typ: ["at+jwt"] }),
      "another media type": api.userToken({}, { typ: "text/at+jwt" }),
    })
    await api.get(api.userToken({}, { typ: "application/at+jwt" })).expect(200)
  })

  it("refuses extensions, and neither uses nor fetches keys that the token brings along", async () => {
    // check 77
    let hits = 0
    const trap = await listen((_, response) => {
      hits += 1
      response.end(JSON.stringify({ keys: [keys.attacker.jwk] }))
    })
    const forged = (header: object) =>
      signToken(userClaims(api.clock()), { kid: "current", ...header }, keys.attacker)
    await assertRefused({
      "unknown crit": api.userToken({}, { crit: ["x"], x: 1 }),
      "empty crit": api.userToken({}, { crit: [] }),
      "crit null": api.userToken({}, { crit: null }),
      "b64 in crit": api.userToken({}, { crit: ["b64"], b64: false }),
      "b64 alone": api.userToken({}, { b64: false }),
      zip: api.userToken({}, { zip: "DEF" }),
      jwk: forged({ jwk: keys.attacker.jwk }),
      jku: forged({ jku: `${trap}/jwks` }),
      x5u: forged({ x5u: `${trap}/cert` }),
      x5c: forged({ x5c: ["MIIB"] }),
    })
    assert.equal(hits, 0)
    await api.get(api.userToken({}, { jwk: keys.attacker.jwk, jku: `${trap}/jwks` })).expect(200)
    assert.equal(hits, 0)
  })

  it("treats kid as data of a fixed form, without which nothing is fetched", async () => {
    // check 83
    const kids = [
      "../../dev/null",
      "' or 1=1--",
      "|id",
      "__proto__",
      "constructor",
      {},
      ["current"],
      1,
      null,
      "",
    ]
    kids.push(undefined as never, "current\n", "a".repeat(129))
    const tokens = kids.map((kid) => [JSON.stringify(kid) ?? "absent", api.userToken({}, { kid })])
    await assertRefused(Object.fromEntries(tokens))
    const megabyte = signToken(userClaims(api.clock()), { kid: "a".repeat(2 ** 20) })
    await assert.rejects(api.verifier.verify(megabyte), { code: "token_invalid" })
    // Node answers 431 and closes, which a client that is still writing may see as a reset.
    const outcome = await api.get(megabyte).then(
      ({ status }) => status,
      ({ code }) => code,
    )
    assert.ok([431, "ECONNRESET"].includes(outcome), String(outcome))
    assert.equal(api.jwks.fetches, 1)
  })

  it("refuses a header that two readers could read differently", async () => {
    const payload = userClaims(api.clock())
    const raw = (header: string) => {
      const text = signingInput(header, payload)
      return `${text}.${sign("sha256", Buffer.from(text), keys.current.privateKey).toString("base64url")}`
    }
    await assertRefused({
      "kid twice": raw('{"alg":"RS256","typ":"at+jwt","kid":"attacker","kid":"current"}'),
      "alg twice, once escaped": raw('{"alg":"RS256","\\u0061lg":"RS256","typ":"at+jwt","kid":"current"}'),
      "an array": raw('["RS256"]'),
      null: raw("null"),
      "no JSON": raw("{alg:RS256}"),
      "byte order mark": raw('\ufeff{"alg":"RS256","typ":"at+jwt","kid":"current"}'),
    })
  })
})
