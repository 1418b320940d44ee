import assert from "node:assert/strict"
import { request as httpRequest } from "node:http"
import { callerOf, createVerifier, requireAuth, TokenError, wwwAuthenticate } from "@gatepost/token-verifier"
import express from "express"
import supertest from "supertest"
import { listen, type Setup, setup, startJwks, stopServers } from "./support/setup.js"
import { AUDIENCE, ISSUER, keys, signToken, userClaims } from "./support/signer.js"

describe("requireAuth", () => {
  let api: Setup
  beforeEach(async () => {
    api = await setup()
  })
  afterEach(stopServers)

  it("answers a request without a token with a bare challenge", async () => {
    const { status, body, headers } = await api.http.get("/")
    assert.equal(status, 401)
    assert.equal(headers["www-authenticate"], 'Bearer realm="gatepost"')
    assert.equal(headers["content-type"], "application/problem+json")
    assert.equal(headers["cache-control"], "no-store")
    assert.deepEqual(body, {
      type: "about:blank",
      title: "Unauthorized",
      status: 401,
      detail: "an access token is required",
      code: "token_missing",
    })
    assert.equal(api.jwks.fetches, 0)
  })

  it("takes the token from one well-formed Authorization header and from nowhere else", async () => {
    const token = api.userToken()
    for (const header of [`Bearer ${token}`, `bearer ${token}`, `BEARER   ${token}`]) {
      await api.http.get("/").set("authorization", header).expect(200)
    }
    const malformed = ["Bearer", "Bearer ", token, `Basic ${token}`, `Bearer${token}`, `Bearer\t${token}`]
    malformed.push(`Bearer ${token} `.concat("x"), `Bearer ${token},${token}`, `Bearer "${token}"`)
    malformed.push(`Bearer ${token}, Basic YTpi`, `Token Bearer ${token}`)
    for (const header of malformed) {
      const { status, body } = await api.http.get("/").set("authorization", header)
      assert.deepEqual([status, body.code], [401, "token_missing"], header.replace(token, "…"))
    }
    await api.http.get(`/?access_token=${token}`).expect(401)
    await api.http.get("/").set("cookie", `access_token=${token}`).expect(401)
  })

  it("takes neither of two Authorization headers", async () => {
    const url = new URL(await listen(await appOf(api)))
    const value = `Bearer ${api.userToken()}`
    const statusOf = (headers: string[]) =>
      new Promise<number | undefined>((resolve, reject) => {
        const call = httpRequest(url, { headers: ["host", url.host, ...headers] }, (response) => {
          resolve(response.resume().statusCode)
        })
        call.on("error", reject).end()
      })
    assert.equal(await statusOf(["authorization", value]), 200)
    assert.equal(await statusOf(["authorization", value, "Authorization", value]), 401)
  })

  it("answers a bad token with invalid_token, and repeats nothing of it", async () => {
    const { status, text, headers } = await api.get(api.userToken({}, { kid: "evil-kid" }, keys.attacker))
    assert.equal(status, 401)
    assert.equal(
      headers["www-authenticate"],
      'Bearer realm="gatepost", error="invalid_token", error_description="no key has this kid"',
    )
    assert.ok(!text.includes("evil-kid"))
    const html = await api.get(signToken('{"<script>alert(1)</script>":'))
    assert.equal(html.status, 401)
    assert.ok(!html.text.includes("script"))
  })

  it("answers a token without the scope with 403 and the scope", async () => {
    // check 84
    const { status, body, headers } = await api.get(api.userToken(), "/write")
    assert.deepEqual([status, body.code], [403, "insufficient_scope"])
    assert.equal(
      headers["www-authenticate"],
      'Bearer realm="gatepost", error="insufficient_scope", ' +
        'error_description="the access token lacks a scope that this needs", scope="notifications:write"',
    )
    for (const scope of [undefined, "", "notifications:writer", "notifications", "NOTIFICATIONS:WRITE"]) {
      await api.get(api.userToken({ scope }), "/write").expect(403)
    }
    await api.get(api.userToken({ scope: "a notifications:write b" }), "/write").expect(200)
    await api.get(api.serviceToken(), "/write").expect(200)
  })

  it("wants every one of several scopes", async () => {
    const scope = "notifications:read notifications:write"
    const guarded = express().get("/", requireAuth({ verifier: api.verifier, scope }), (_, response) => {
      response.end()
    })
    const statusWith = async (scope: string) => {
      const header = `Bearer ${api.userToken({ scope })}`
      return (await supertest(guarded).get("/").set("authorization", header)).status
    }
    assert.equal(await statusWith("notifications:read"), 403)
    assert.equal(await statusWith("notifications:write"), 403)
    assert.equal(await statusWith("notifications:write profile notifications:read"), 200)
  })

  it("cannot be made to break out of its header", () => {
    const error = new TokenError("token_invalid", 'a"\r\nset-cookie: ü\\')
    assert.equal(
      wwwAuthenticate(error, "orders"),
      `Bearer realm="orders", error="invalid_token", error_description="a'''set-cookie: ''"`,
    )
  })

  it("tells two people apart by subject, when one got the other's address", async () => {
    // check 84
    const [first, second] = ["user-1", "user-2"].map((sub) => api.userToken({ sub, user_id: sub }))
    const callers = await Promise.all([first, second].map((token) => api.verifier.verify(token)))
    assert.deepEqual(
      callers.map((caller) => caller.kind === "user" && [caller.userId, caller.email]),
      [
        ["user-1", "kim@example.test"],
        ["user-2", "kim@example.test"],
      ],
    )
  })

  it("leaves errors that are not the token's to the app", async () => {
    const failing = { ...api.verifier, verify: () => Promise.reject(new Error("a bug")) }
    const app = express()
    app.get("/", requireAuth({ verifier: failing }), (_, response) => void response.end("let in"))
    app.use(((error, _request, response, _next) => {
      response.status(500).send(error.message)
    }) as express.ErrorRequestHandler)
    const { status, text } = await supertest(app).get("/")
    assert.deepEqual([status, text], [500, "a bug"])
  })

  it("leaves the token's errors to the app as well, where it is told so", async () => {
    const app = express()
    app.get("/", requireAuth({ verifier: api.verifier, scope: "notifications:write", refusals: "next" }))
    app.use(((error: TokenError, _request, response, _next) => {
      response.status(error.status).json({ mine: error.code, challenge: wwwAuthenticate(error) })
    }) as express.ErrorRequestHandler)
    const missing = await supertest(app).get("/").expect(401)
    assert.deepEqual(missing.body, { mine: "token_missing", challenge: 'Bearer realm="gatepost"' })
    const bearer = `Bearer ${api.userToken()}`
    const { body } = await supertest(app).get("/").set("authorization", bearer).expect(403)
    assert.equal(body.mine, "insufficient_scope")
  })

  it("refuses at the start a scope that is none", () => {
    for (const scope of ["", " ", "a  b", 'a"b', "a\r\nb", "ä"]) {
      assert.throws(() => requireAuth({ verifier: api.verifier, scope }), TypeError, scope)
    }
  })

  it("is what callerOf relies on", async () => {
    const app = await appOf(api)
    const { text } = await supertest(app).get("/").set("authorization", `Bearer ${api.userToken()}`)
    assert.equal(text, "0198c1a2-0000-7000-8000-000000000001")
    await supertest(app).get("/unguarded").set("authorization", `Bearer ${api.userToken()}`).expect(500)
  })
})

async function appOf({ verifier }: Setup): Promise<express.Express> {
  const app = express()
  app.get("/", requireAuth({ verifier }), (request, response) => {
    const caller = callerOf(request)
    response.end(caller.kind === "user" ? caller.userId : caller.clientId)
  })
  app.get("/unguarded", (request, response) => void response.json(callerOf(request)))
  app.use(((_error, _request, response, _next) => {
    response.status(500).end()
  }) as express.ErrorRequestHandler)
  return app
}

describe("a caller", () => {
  afterEach(stopServers)

  it("with a session is a user", async () => {
    const { verifier, clock } = await setup()
    const claims = userClaims(clock())
    const caller = await verifier.verify(signToken(claims))
    const date = (name: string) => new Date(Number(claims[name]) * 1000)
    assert.deepEqual(caller, {
      kind: "user",
      userId: claims.sub,
      clientId: "jobswipe",
      sessionId: claims.sid,
      email: "kim@example.test",
      emailVerified: true,
      roles: ["user"],
      scopes: new Set(["notifications:read", "profile"]),
      tokenId: claims.jti,
      issuedAt: date("iat"),
      expiresAt: date("exp"),
      authTime: date("auth_time"),
      amr: ["pwd"],
      acr: "1",
      claims,
    })
  })

  it("without the members that may be absent has none of their rights", async () => {
    const { verifier, userToken } = await setup()
    const absent = ["email_verified", "roles", "scope", "auth_time", "amr", "acr", "user_id"]
    const caller = await verifier.verify(
      userToken(Object.fromEntries(absent.map((name) => [name, undefined]))),
    )
    assert.equal(caller.kind, "user")
    assert.deepEqual(
      [caller.emailVerified, caller.roles, caller.amr, caller.scopes],
      [false, [], [], new Set()],
    )
    assert.ok(!("authTime" in caller) && !("acr" in caller))
  })

  it("that is its own client is a service", async () => {
    const { verifier, serviceToken } = await setup()
    const caller = await verifier.verify(serviceToken())
    assert.equal(caller.kind, "service")
    assert.equal(caller.clientId, "backend")
    assert.ok(!("userId" in caller))
  })
})

describe("createVerifier", () => {
  afterEach(stopServers)

  it("looks for keys at the issuer's origin when it is not told where", async () => {
    const jwks = await startJwks()
    const issuer = new URL("/oidc", jwks.url).href
    const paths: (string | undefined)[] = []
    const { answer } = jwks
    jwks.answer = (request, response) => {
      paths.push(request.url)
      answer(request, response)
    }
    const verifier = createVerifier({ issuer, audience: AUDIENCE })
    await verifier.verify(signToken(userClaims(Date.now(), { iss: issuer })))
    assert.deepEqual(paths, ["/.well-known/jwks.json"])
  })

  it("takes tokens that live as long as it is told", async () => {
    const strict = await setup({ maxLifetimeSeconds: 1799 })
    await strict.get(strict.userToken()).expect(401)
    const lenient = await setup({ maxLifetimeSeconds: 86_400 })
    await lenient.get(lenient.userToken({ exp: lenient.clock() / 1000 + 86_400 })).expect(200)
  })

  it("refuses options that cannot work, by name", () => {
    const good = { issuer: ISSUER, audience: AUDIENCE }
    const bad = {
      issuer: { issuer: "" },
      audience: { audience: "" },
      jwksUrl: { jwksUrl: "file:///etc/passwd" },
      "jwksUrl or keys": { jwksUrl: "https://a.test/keys", keys: async () => undefined },
      credentials: { jwksUrl: "https://a:b@c.test/keys" },
      cacheSize: { cacheSize: -1 },
      cooldownSeconds: { cooldownSeconds: 0 },
      timeoutSeconds: { timeoutSeconds: Number.NaN },
    }
    for (const [name, options] of Object.entries(bad)) {
      assert.throws(() => createVerifier({ ...good, ...options }), new RegExp(name), name)
    }
    assert.throws(() => createVerifier({ issuer: "gatepost", audience: AUDIENCE }), /jwksUrl/)
  })
})
