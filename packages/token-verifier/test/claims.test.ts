import assert from "node:assert/strict"
import { type Setup, setup, stopServers } from "./support/setup.js"
import { AUDIENCE, ISSUER, signToken, userClaims } from "./support/signer.js"

describe("the claims of a token", () => {
  let api: Setup
  beforeEach(async () => {
    api = await setup()
  })
  afterEach(stopServers)

  async function assertRefused(tokens: Record<string, string | Buffer | object>): Promise<void> {
    for (const [name, claims] of Object.entries(tokens)) {
      const { status, body } = await api.get(signToken(claims))
      assert.deepEqual([status, body.code], [401, "token_invalid"], name)
    }
  }

  const withMembers = (members: object) => userClaims(api.clock(), members)
  const withText = (json: string, members: object) =>
    JSON.stringify(withMembers(members)).replace(/}$/, `,${json}}`)

  it("need a start and an end, both whole numbers, at most an hour apart", async () => {
    // check 75
    const now = Math.floor(api.clock() / 1000)
    await assertRefused({
      "no exp": withMembers({ exp: undefined }),
      "exp 1e308": withMembers({ exp: 1e308 }),
      "exp 1e999": withText('"exp":1e999', { exp: undefined }),
      "exp as text": withMembers({ exp: "9999999999" }),
      "exp null": withMembers({ exp: null }),
      "exp with a fraction": withMembers({ exp: now + 60.5 }),
      "exp in an array": withMembers({ exp: [now + 60] }),
      "no iat": withMembers({ iat: undefined }),
      "iat as text": withMembers({ iat: String(now) }),
      "iat negative": withMembers({ iat: -1 }),
      "iat a day ahead": withMembers({ iat: now + 86_400, exp: now + 90_000 }),
      "iat 31 s ahead": withMembers({ iat: now + 31 }),
      "nbf 31 s ahead": withMembers({ nbf: now + 31 }),
      "nbf 1e999": withText('"nbf":1e999', {}),
      "nbf as text": withMembers({ nbf: String(now) }),
      "auth_time before 1970": withMembers({ auth_time: -1 }),
      "auth_time as text": withMembers({ auth_time: String(now) }),
      "auth_time of the future": withMembers({ auth_time: now + 31 }),
      "a lifetime of an hour and a second": withMembers({ iat: now, exp: now + 3601 }),
    })
    await api.get(api.userToken({ exp: now + 3600 })).expect(200)
    await api.get(api.userToken({ iat: now + 30, nbf: now + 30 })).expect(200)
  })

  it("have 30 seconds of grace at the end, and then expire under a code of their own", async () => {
    // check 75
    const now = Math.floor(api.clock() / 1000)
    await api.get(api.userToken({ iat: now - 600, exp: now - 29 })).expect(200)
    for (const exp of [now - 31, now - 30, -1]) {
      const { status, body } = await api.get(api.userToken({ iat: now - 600, exp }))
      assert.deepEqual([status, body.code], [401, "token_expired"], String(exp))
    }
  })

  it("name exactly this issuer and this API", async () => {
    // check 76
    await assertRefused({
      "iss with a slash": withMembers({ iss: `${ISSUER}/` }),
      "iss over http": withMembers({ iss: ISSUER.replace("https", "http") }),
      "iss in another case": withMembers({ iss: ISSUER.replace("id.", "ID.") }),
      "iss in an array": withMembers({ iss: [ISSUER] }),
      "no iss": withMembers({ iss: undefined }),
      "aud of another API": withMembers({ aud: "https://other.example.test" }),
      "aud longer": withMembers({ aud: `${AUDIENCE}.evil.test` }),
      "aud empty": withMembers({ aud: [] }),
      "aud an object": withMembers({ aud: {} }),
      "aud an object with our name": withMembers({ aud: { [AUDIENCE]: true } }),
      "aud with a number": withMembers({ aud: [AUDIENCE, 1] }),
      "aud nested": withMembers({ aud: [[AUDIENCE]] }),
      "no aud": withMembers({ aud: undefined }),
    })
    await api.get(api.userToken({ aud: ["https://other.example.test", AUDIENCE] })).expect(200)
  })

  it("say whom the token is for, in strings that are not empty", async () => {
    // check 76
    for (const name of ["sub", "jti", "client_id", "sid", "email"]) {
      for (const value of ["", null, 1, {}, ["a"], true]) {
        const claims = withMembers({ user_id: undefined, [name]: value })
        await assertRefused({ [`${name}: ${JSON.stringify(value)}`]: claims })
      }
    }
    for (const name of ["sub", "jti", "client_id", "email"]) {
      await assertRefused({ [`no ${name}`]: withMembers({ [name]: undefined }) })
    }
    await assertRefused({
      "another user_id": withMembers({ user_id: "somebody-else" }),
      "neither session nor service": withMembers({ sid: undefined }),
      "scope in an array": withMembers({ scope: ["notifications:write"] }),
      "roles as text": withMembers({ roles: "admin" }),
      "roles of objects": withMembers({ roles: [{ name: "admin" }] }),
      "email_verified as text": withMembers({ email_verified: "false" }),
      "amr as text": withMembers({ amr: "pwd" }),
      "acr a number": withMembers({ acr: 2 }),
    })
  })

  it("are one plain object that every reader reads alike", async () => {
    // check 78
    const text = JSON.stringify(withMembers({}))
    const invalidUtf8 = Buffer.from(JSON.stringify(withMembers({ name: "?" })))
    invalidUtf8[invalidUtf8.lastIndexOf("?")] = 0xff
    await assertRefused({
      "an array": `[${text}]`,
      "a string": JSON.stringify("claims"),
      "a string with JSON": JSON.stringify(text),
      null: "null",
      "a number": "1",
      "no JSON": "sub=a",
      "JSON with a tail": `${text} {}`,
      "sub twice": withText('"sub":"a"', {}),
      "sub twice, once escaped": withText('"s\\u0075b":"a"', {}),
      "sub twice, once spaced": withText('"sub" \n\t:"a"', {}),
      "twice in depth": withText('"x":[{"y":{"z":1,"z":1}}]', {}),
      __proto__: withText('"__proto__":{"roles":["admin"]}', {}),
      "__proto__ escaped": withText('"\\u005f_proto__":{"roles":["admin"]}', {}),
      "prototype in depth": withText('"x":[{"prototype":1}]', {}),
      constructor: withText('"constructor":{}', {}),
      "invalid UTF-8": invalidUtf8,
      "40 levels": withText(`"x":${"[".repeat(40)}${"]".repeat(40)}`, {}),
    })
    await api
      .get(signToken(withText('"x":["sub","sub",{"sub":"\\"{"},{"sub":1}],"ü" : "\\\\"', {})))
      .expect(200)
  })

  it("fit into 8 KiB with all the rest", async () => {
    // check 78
    await assertRefused({ "9 KiB": withMembers({ padding: "a".repeat(6300) }) })
    await api.get(signToken(withMembers({ padding: "a".repeat(5000) }))).expect(200)
  })
})
