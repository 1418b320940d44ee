import assert from "node:assert/strict"
import { createHmac, randomUUID } from "node:crypto"
import { type Bundle, list, setup } from "../support/setup.js"
import { forgeToken, keys, serviceClaims, signToken, userClaims, userToken } from "../support/signer.js"

// The verifier has its own tests; these prove that the service asks it everything.
describe("a token that is refused", () => {
  let notifications: Bundle

  before(async () => {
    notifications = await setup()
  })
  after(() => notifications.stop())

  const { kid, publicKey } = keys.published
  const seconds = () => Math.floor(Date.now() / 1000)
  const hs256 = (secret: string | Buffer) => {
    const sign = (input: string) => createHmac("sha256", secret).update(input).digest("base64url")
    return forgeToken(userClaims(), { alg: "HS256", typ: "at+jwt", kid }, sign)
  }
  const unsigned = (alg: string) => forgeToken(userClaims(), { alg, typ: "at+jwt", kid }, () => "")

  const tokens: Record<string, () => string> = {
    // check 73
    "alg none": () => unsigned("none"),
    "alg None with a signature": () =>
      forgeToken(userClaims(), { alg: "None", typ: "at+jwt", kid }, () => "AAAA"),
    "no signature": () => `${userToken().split(".").slice(0, 2).join(".")}.`,
    "HS256 with the public key's PEM": () => hs256(publicKey.export({ format: "pem", type: "spki" })),
    "HS256 with the public key's DER": () => hs256(publicKey.export({ format: "der", type: "spki" })),
    "a payload that was changed": () => {
      const [header, , signature] = userToken().split(".")
      return [header, userToken().split(".")[1], signature].join(".")
    },
    // check 74
    "typ JWT": () => signToken(userClaims(), { typ: "JWT" }),
    "no typ": () => signToken(userClaims(), { typ: undefined }),
    "the type of a logout token": () => signToken(userClaims(), { typ: "logout+jwt" }),
    // check 75
    "no exp": () => signToken({ ...userClaims(), exp: undefined }),
    "an exp that is over": () => signToken({ ...userClaims(), iat: seconds() - 900, exp: seconds() - 40 }),
    "a life of two hours": () => signToken({ ...userClaims(), exp: seconds() + 7_200 }),
    "an iat of tomorrow": () =>
      signToken({ ...userClaims(), iat: seconds() + 86_400, exp: seconds() + 87_000 }),
    "an nbf to come": () => signToken({ ...userClaims(), nbf: seconds() + 60 }),
    // check 76
    "another issuer": () => signToken({ ...userClaims(), iss: "http://evil.test/oidc" }),
    "the issuer with a slash": () => signToken({ ...userClaims(), iss: `${userClaims().iss}/` }),
    "another audience": () => signToken({ ...userClaims(), aud: "https://other.example" }),
    "no audience": () => signToken({ ...userClaims(), aud: [] }),
    "no subject": () => signToken({ ...userClaims(), sub: "" }),
    "no session and another subject than its client": () =>
      signToken({ ...serviceClaims(), sub: randomUUID() }),
    // check 77
    "an unknown crit": () => signToken(userClaims(), { crit: ["x"], x: 1 }),
    // check 83
    "an unknown kid": () => signToken(userClaims(), {}, keys.unknown),
    "a known kid, and another's signature": () => signToken(userClaims(), { kid }, keys.unknown),
    "its own key in the header": () => signToken(userClaims(), { kid, jwk: keys.unknown.jwk }, keys.unknown),
    "a kid that is a path": () => signToken(userClaims(), { kid: "../../dev/null" }),
    "no kid": () => signToken(userClaims(), { kid: undefined }),
  }

  it("is an exception: a good one is taken", async () => {
    await list(notifications, userToken()).expect(200)
  })

  for (const [what, token] of Object.entries(tokens)) {
    it(`has ${what}`, async () => {
      const { body, headers } = await list(notifications, token()).expect(401)
      assert.equal(body.code, "token.invalid")
      assert.equal(headers["www-authenticate"], 'Bearer realm="gatepost", error="invalid_token"')
    })
  }

  // check 79
  it("makes nobody fetch the keys again and again", async () => {
    for (let index = 0; index < 50; index++) {
      await list(notifications, signToken(userClaims(), { kid: `bogus${index}` })).expect(401)
    }
    await list(notifications, userToken()).expect(200)
    assert.ok(notifications.keyServer.fetches <= 2, String(notifications.keyServer.fetches))
  })
})
