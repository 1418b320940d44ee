import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { newId } from "@gatepost/runtime"
import { race } from "@gatepost/testkit"
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import { askForToken, basic } from "../support/service-client.js"
import { PUBLIC_URL } from "../support/setup.js"
import {
  type AdminBundle,
  audited,
  bearer,
  claimsOf,
  person,
  setupWithAdminPort,
  staff,
} from "./support/admins.js"

const ISSUER = `${PUBLIC_URL}/oidc`

describe("service clients", () => {
  let auth: AdminBundle
  let admin: Awaited<ReturnType<typeof staff>>
  before(async () => {
    auth = await setupWithAdminPort()
    admin = await staff(auth)
  })
  after(() => auth.stop())

  const create = (body: object, caller: { access_token: string } = admin) =>
    auth.admin
      .post("/v1/admin/clients")
      .set(...bearer(caller))
      .send(body)
  const tokenOf = (id: string, secret: string, scope = "notifications:write") =>
    askForToken(auth, { grant_type: "client_credentials", scope }, basic(id, secret))
  const billing = {
    client_id: "billing",
    client_name: "Billing",
    scopes: ["notifications:write", "users:read"],
  }

  it("are made by admins, and sign in with a secret that is shown once and stored as a hash", async () => {
    const { body } = await create(billing).expect(201)
    assert.match(body.client_secret, /^gpc_[\w-]{43}$/)
    const { access_token, expires_in } = (await tokenOf("billing", body.client_secret).expect(200)).body
    const { scope, client_id, sub, sid } = claimsOf(access_token)
    assert.deepEqual([scope, client_id, sub, sid], ["notifications:write", "billing", "billing", undefined])
    assert.equal(expires_in, 300)

    const listed = await auth.admin
      .get("/v1/admin/clients")
      .set(...bearer(admin))
      .expect(200)
    assert.ok(!listed.text.includes(body.client_secret))
    const dump = JSON.stringify([
      await auth.db.query("select * from auth.service_clients"),
      await auth.db.query(
        "select client_id, encode(secret_hash, 'hex') as hash from auth.service_client_secrets",
      ),
      await auth.db.query("select detail from auth.audit_events"),
    ])
    assert.ok(!dump.includes(body.client_secret))
    assert.ok(dump.includes(createHash("sha256").update(body.client_secret).digest("hex")))
    assert.equal((await create(billing)).body.code, "service-client.taken")
    for (const client_id of ["backend", "jobswipe"]) await create({ ...billing, client_id }).expect(409)
  })

  // check 111
  it("get no scope that was not given, and none that is not for programs", async () => {
    const { client_secret } = (
      await create({ ...billing, client_id: "narrow", scopes: ["events:read"] }).expect(201)
    ).body
    await tokenOf("narrow", client_secret, "notifications:write").expect(400)
    for (const scope of ["roles:write", "clients:write", "account", "everything", ""]) {
      await create({ ...billing, client_id: "greedy", scopes: [scope] }).expect(400)
    }
    await create(billing, await staff(auth, "support")).expect(403)
    await create(billing, await person(auth)).expect(403)
  })

  it("change their secret without a gap, and are out at once when they are revoked", async () => {
    const { client_secret: first } = (
      await create({ ...billing, client_id: "rotating", scopes: ["users:read"] })
    ).body
    const rotate = (body: object) =>
      auth.admin
        .post("/v1/admin/clients/rotating/rotate")
        .set(...bearer(admin))
        .send(body)
    const { client_secret: second } = (await rotate({ overlap_seconds: 60 }).expect(200)).body
    for (const secret of [first, second]) await tokenOf("rotating", secret, "users:read").expect(200)
    const { client_secret: third } = (await rotate({ overlap_seconds: 0 }).expect(200)).body
    for (const secret of [first, second, "", "stored as a hash"]) {
      assert.ok((await tokenOf("rotating", secret, "users:read")).status >= 400)
    }
    await auth.db.query(
      "update auth.service_client_secrets set expires_at = now() where client_id = 'rotating'",
    )
    await tokenOf("rotating", third, "users:read").expect(401)

    const { client_secret } = (await rotate({}).expect(200)).body
    const token = (await tokenOf("rotating", client_secret, "users:read").expect(200)).body
    await auth.admin
      .get("/v1/admin/users")
      .set(...bearer(token))
      .expect(200)
    await auth.admin
      .delete("/v1/admin/clients/rotating")
      .set(...bearer(admin))
      .expect(200)
    await tokenOf("rotating", client_secret, "users:read").expect(401)
    await auth.admin
      .get("/v1/admin/users")
      .set(...bearer(token))
      .expect(401)
    await rotate({}).expect(404)
    const names = ["created", "rotated", "revoked"].map((what) => audited(auth, `service-client.${what}`))
    for (const events of await Promise.all(names))
      assert.ok(events.some(({ client_id, detail }) => client_id === "rotating" && detail.by === admin.id))
  })

  // check 95
  it("prove themselves by private_key_jwt: an assertion of a minute, for us alone, once", async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true })
    const jwk = await exportJWK(publicKey)
    const client = { ...billing, client_id: "signing", token_endpoint_auth_method: "private_key_jwt" }
    await create(client).expect(400)
    await create({ ...client, jwks: { keys: [await exportJWK(privateKey)] } }).expect(400)
    const { client_secret } = (await create({ ...client, jwks: { keys: [jwk] } }).expect(201)).body
    assert.equal(client_secret, undefined)

    const assertion = (claims: object = {}, alg = "ES256", key = privateKey) => {
      const now = Math.floor(Date.now() / 1000)
      const usual = { iss: "signing", sub: "signing", aud: ISSUER, jti: newId(), iat: now, exp: now + 50 }
      return new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg }).sign(key)
    }
    const ask = (client_assertion: string) =>
      auth.http.post("/oidc/token").type("form").send({
        grant_type: "client_credentials",
        scope: "notifications:write",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion,
      })
    const good = await assertion()
    assert.equal(claimsOf((await ask(good).expect(200)).body.access_token).client_id, "signing")
    assert.equal((await ask(good).expect(401)).body.error, "invalid_client")

    const once = await assertion()
    const answers = await race(16, async () => (await ask(once)).status)
    assert.equal(answers.filter((status) => status === 200).length, 1)
    assert.ok(answers.every((status) => status === 200 || status === 401))

    const stranger = (await generateKeyPair("ES256")).privateKey
    const now = Math.floor(Date.now() / 1000)
    const bad = [
      assertion({ aud: "https://elsewhere.example" }),
      assertion({ aud: [ISSUER, "https://elsewhere.example"] }),
      assertion({ aud: `${ISSUER}/token` }),
      assertion({ exp: now + 3_600 }),
      assertion({ exp: now - 300 }),
      assertion({ exp: undefined }),
      assertion({ jti: undefined }),
      assertion({ sub: "billing" }),
      assertion({ iss: "billing" }),
      assertion({}, "ES256", stranger),
    ]
    for (const [index, text] of (await Promise.all(bad)).entries())
      assert.equal((await ask(text)).status, 401, `assertion ${index}`)
    await tokenOf("signing", "stored as a hash").expect(401)
  })
})
