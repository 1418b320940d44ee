import assert from "node:assert/strict"
import { createPublicKey, verify } from "node:crypto"
import { logIn, me, refresh, register } from "../support/people.js"
import { type Bundle, PUBLIC_URL, setup } from "../support/setup.js"

type Claims = Record<string, string | number | boolean | string[]>

const decode = (part: string | undefined) => JSON.parse(Buffer.from(part ?? "", "base64url").toString())
const headerOf = (token: string) => decode(token.split(".")[0])
const claimsOf = (token: string): Claims => decode(token.split(".")[1])

describe("an access token", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup()
  })
  after(() => auth.stop())

  // check 69
  it("has exactly the claims of DESIGN.md D5, under the header of RFC 9068", async () => {
    const { access_token, user } = await register(auth)
    const claims = claimsOf(access_token)
    const { iat, jti, sid, auth_time } = claims

    assert.deepEqual(claims, {
      iss: `${PUBLIC_URL}/oidc`,
      sub: user.id,
      aud: PUBLIC_URL,
      exp: Number(iat) + 1800,
      iat,
      jti,
      client_id: "jobswipe",
      scope: "account notifications:read",
      sid,
      user_id: user.id,
      email: user.email,
      email_verified: false,
      roles: [],
      auth_time,
      amr: ["pwd"],
      acr: "aal1",
    })
    assert.ok(Number.isInteger(iat) && Number.isInteger(auth_time))
    const { kid, ...header } = headerOf(access_token)
    assert.deepEqual(header, { alg: "RS256", typ: "at+jwt" })
    assert.match(kid, /^[\w-]{43}$/)
  })

  it("is signed by a key that is published, as any library can tell", async () => {
    const { access_token } = await register(auth)
    const [header = "", payload = "", signature = ""] = access_token.split(".")
    const { body } = await auth.http.get("/.well-known/jwks.json")
    const jwk = body.keys.find(({ kid }: { kid: string }) => kid === headerOf(access_token).kid)
    const key = createPublicKey({ key: jwk, format: "jwk" })
    assert.ok(verify("sha256", Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url")))
  })

  it("has an id of its own, and keeps its session's over a refresh", async () => {
    const first = await register(auth)
    const { body } = await refresh(auth, first.refresh_token)
    const [earlier, later] = [claimsOf(first.access_token), claimsOf(body.access_token)]
    assert.deepEqual([later.sid, later.auth_time, later.sub], [earlier.sid, earlier.auth_time, earlier.sub])
    assert.notEqual(later.jti, earlier.jti)

    // check 65
    const next = await logIn(auth, first.user.email)
    assert.notEqual(claimsOf(next.body.access_token).sid, earlier.sid)
  })

  it("names the app by X-Client-Id, else by the host, else the default", async () => {
    const { user } = await register(auth)
    const clientOf = async (headers: Record<string, string>) => {
      const { body } = await logIn(auth, user.email).set(headers).expect(200)
      return claimsOf(body.access_token).client_id
    }
    assert.equal(await clientOf({}), "jobswipe")
    assert.equal(await clientOf({ "X-Client-Id": "introgy" }), "introgy")
    assert.equal(await clientOf({ Host: "movr.localhost" }), "movr")
    assert.equal(await clientOf({ Host: "MOVR.localhost:8000" }), "movr")
    assert.equal(await clientOf({ Host: "movr.localhost", "X-Client-Id": "jobpath" }), "jobpath")
    assert.equal(await clientOf({ "X-Forwarded-Host": "movr.localhost" }), "jobswipe")
    const { body } = await refresh(
      auth,
      (await logIn(auth, user.email).set("X-Client-Id", "samplemind")).body.refresh_token,
    )
    assert.equal(claimsOf(body.access_token).client_id, "samplemind")
  })

  it("is for API_AUDIENCE and lives ACCESS_TOKEN_TTL, where they are set", async () => {
    const other = await auth.another({ API_AUDIENCE: "https://api.example.com", ACCESS_TOKEN_TTL: "600" })
    const { access_token } = await register(other)
    const { aud, exp, iat } = claimsOf(access_token)
    assert.deepEqual([aud, Number(exp) - Number(iat)], ["https://api.example.com", 600])
    await me(other, access_token).expect(200)
    await me(auth, access_token).expect(401)
  })

  // check 84
  it("is refused with another last letter, though the bytes of its signature are the same", async () => {
    const { access_token } = await register(auth)
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    const last = alphabet.indexOf(access_token.at(-1) ?? "")
    const flipped = access_token.slice(0, -1) + alphabet[last ^ 1]
    await me(auth, flipped).expect(401)
    await me(auth, access_token).expect(200)
  })
})
