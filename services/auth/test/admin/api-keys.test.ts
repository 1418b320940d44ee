import assert from "node:assert/strict"
import { fileURLToPath } from "node:url"
import { newId } from "@gatepost/runtime"
import { race } from "@gatepost/testkit"
import { createApiKeyVerifier, TokenError } from "@gatepost/token-verifier"
import { startChild } from "../support/child.js"
import { refresh } from "../support/people.js"
import { askForToken, serviceToken } from "../support/service-client.js"
import { PUBLIC_URL, SECRETS } from "../support/setup.js"
import {
  type AdminBundle,
  audited,
  bearer,
  claimsOf,
  person,
  setupWithAdminPort,
  staff,
} from "./support/admins.js"

const NOTIFICATIONS = fileURLToPath(new URL("../../../notifications/dist/main.js", import.meta.url))

describe("API keys", () => {
  let auth: AdminBundle
  before(async () => {
    auth = await setupWithAdminPort()
  })
  after(() => auth.stop())

  const create = (owner: { access_token: string }, body: object = { scopes: ["users:read"] }) =>
    auth.http
      .post("/v1/api-keys")
      .set(...bearer(owner))
      .send({ name: "a program", ...body })
  const keyOf = async (owner: { access_token: string }, scopes = ["users:read"]): Promise<string> =>
    (await create(owner, { scopes }).expect(201)).body.api_key
  const use = (key: string) => auth.admin.get("/v1/admin/users").set("Authorization", `Bearer ${key}`)

  // check 111
  it("are shown once, stored as hashes, and can do what was asked for, as far as their owner can", async () => {
    const support = await staff(auth, "support")
    const { body } = await create(support).expect(201)
    assert.match(body.api_key, /^gp_test_[0-9a-f]{16}_[\w-]{43}$/)
    await use(body.api_key).expect(200)
    const suspend = auth.admin
      .post(`/v1/admin/users/${newId()}/suspend`)
      .set("Authorization", `Bearer ${body.api_key}`)
    await suspend.send({}).expect(403)

    const secret = body.api_key.slice(-43)
    const [row] = await auth.db.query("select * from auth.api_keys where id = ?", [body.id])
    assert.ok(!JSON.stringify(row).includes(secret))
    const [listed] = (
      await auth.http
        .get("/v1/api-keys")
        .set(...bearer(support))
        .expect(200)
    ).body.items
    assert.deepEqual(Object.keys(listed).sort(), [
      "created_at",
      "expires_at",
      "id",
      "last_used_at",
      "name",
      "scopes",
    ])
    assert.ok(listed.last_used_at)

    const days = (Date.parse(listed.expires_at) - Date.parse(listed.created_at)) / 86_400_000
    assert.ok(Math.abs(days - 90) < 0.1, `${days} days`)
    await create(support, { scopes: ["users:read"], expires_in_days: 366 }).expect(400)
    assert.equal(
      (await create(support, { scopes: ["notifications:write"] })).body.code,
      "api-key.scope-not-yours",
    )
    assert.equal((await create(await person(auth))).body.code, "api-key.scope-not-yours")
  })

  // check 111
  it("are made by their owner alone, who is there: no other, no key, no program, no old sign-in", async () => {
    const [admin, victim] = [await staff(auth), await staff(auth)]
    await auth.http
      .post("/v1/api-keys")
      .send({ name: "x", scopes: ["users:read"], userId: victim.id })
      .expect(401)
    const { id } = (
      await create(admin, { scopes: ["users:read"], userId: victim.id, owner_id: victim.id }).expect(201)
    ).body
    const [row] = await auth.db.query("select owner_id from auth.api_keys where id = ?", [id])
    assert.equal(row?.owner_id, admin.id)

    const key = await keyOf(admin)
    for (const access_token of [key, await serviceToken(auth)]) {
      for (const path of ["/v1/api-keys", "/v1/users/me/password", "/v1/auth/logout"])
        await auth.http
          .post(path)
          .set(...bearer({ access_token }))
          .send({})
          .expect(403)
      for (const path of ["/v1/auth/me", "/v1/auth/sessions", "/v1/api-keys"])
        await auth.http
          .get(path)
          .set(...bearer({ access_token }))
          .expect(403)
      await auth.admin
        .get("/v1/admin/clients")
        .set(...bearer({ access_token }))
        .expect(403)
    }

    const unverified = await person(auth, { verified: false })
    assert.equal((await create(unverified)).body.code, "account.email-unverified")
    await auth.db.query(
      "update auth.sessions set authenticated_at = now() - interval '16 minutes' where id = ?",
      [claimsOf(admin.access_token).sid],
    )
    const stale = (await refresh(auth, admin.refresh_token).expect(200)).body
    assert.equal((await create(stale)).body.code, "mfa.step-up-required")
  })

  // check 109
  it("are nobody else's to see, to rotate or to revoke", async () => {
    const [a, b] = [await staff(auth), await staff(auth)]
    const { id, api_key } = (await create(a).expect(201)).body
    await auth.http
      .delete(`/v1/api-keys/${id}`)
      .set(...bearer(b))
      .expect(404)
    await auth.http
      .post(`/v1/api-keys/${id}/rotate`)
      .set(...bearer(b))
      .send({})
      .expect(404)
    assert.deepEqual((await auth.http.get("/v1/api-keys").set(...bearer(b))).body.items, [])
    await use(api_key).expect(200)
  })

  it("rotate with an overlap, and end at once when they are revoked, expired, or their owner is not let in", async () => {
    const owner = await staff(auth, "support")
    const { id, api_key: first } = (await create(owner).expect(201)).body
    const rotate = (of: string, body: object) =>
      auth.http
        .post(`/v1/api-keys/${of}/rotate`)
        .set(...bearer(owner))
        .send(body)
    const second = (await rotate(id, { overlap_seconds: 60 }).expect(201)).body
    for (const key of [first, second.api_key]) await use(key).expect(200)
    // One sender, whose templates and Idempotency-Keys go on.
    const { body } = await askForToken(auth, { grant_type: "client_credentials", scope: "api-keys:verify" })
    const clientOf = async (api_key: string) => {
      const verified = await auth.http
        .post("/v1/auth/verify-api-key")
        .set("Authorization", `Bearer ${body.access_token}`)
        .send({ api_key })
      return verified.body.client_id
    }
    const sameClient = await Promise.all([first, second.api_key].map(clientOf))
    assert.deepEqual(sameClient, [`api-key:${id}`, `api-key:${id}`])
    const third = (await rotate(second.id, { overlap_seconds: 0 }).expect(201)).body
    await use(second.api_key).expect(401)
    await rotate(second.id, {}).expect(404)
    await auth.http
      .delete(`/v1/api-keys/${third.id}`)
      .set(...bearer(owner))
      .expect(200)
    await use(third.api_key).expect(401)
    await auth.db.query("update auth.api_keys set expires_at = now() where id = ?", [id])
    await use(first).expect(401)

    const key = await keyOf(owner)
    await auth.db.query("update auth.accounts set disabled_at = now() where id = ?", [owner.id])
    await use(key).expect(401)
    await auth.db.query("update auth.accounts set disabled_at = null where id = ?", [owner.id])
    await use(key).expect(200)
    await auth.db.query("delete from auth.role_grants where account_id = ?", [owner.id])
    await use(key).expect(403)
    for (const bad of [
      "gp_",
      "gp_test_0000000000000000_",
      `${key}x`,
      key.slice(0, -1),
      `gp_live_${"0".repeat(16)}_${"a".repeat(43)}`,
    ])
      await use(bad).expect(401)
    assert.equal(
      (await audited(auth, "api-key.created")).some(({ account_id }) => account_id === owner.id),
      true,
    )
  })

  it("have one successor, of 16 rotations at the same moment, and are no more than before with it", async () => {
    const owner = await staff(auth)
    await race(25, async () => (await create(owner)).status)
    const [{ id }] = (await auth.http.get("/v1/api-keys").set(...bearer(owner))).body.items
    const rotate = () =>
      auth.http
        .post(`/v1/api-keys/${id}/rotate`)
        .set(...bearer(owner))
        .send({ overlap_seconds: 3600 })
    const answers = await race(16, async () => (await rotate()).status)
    assert.deepEqual(answers.sort().slice(0, 2), [201, 404])
    assert.equal((await create(owner)).status, 409)
  })

  it("are 25 for each owner at most, however many are asked for at once", async () => {
    const owner = await staff(auth)
    const fill = await race(20, async () => (await create(owner)).status)
    assert.deepEqual(new Set(fill), new Set([201]))
    const answers = await race(16, async () => (await create(owner)).status)
    assert.equal(answers.filter((status) => status === 201).length, 5)
    assert.ok(answers.every((status) => status === 201 || status === 409))
  })

  it("are taken by services that ask, and remembered for a moment", async () => {
    const owner = await staff(auth)
    let now = Date.now()
    const verifier = createApiKeyVerifier({
      clientId: "backend",
      clientSecret: SECRETS.SERVICE_CLIENT_SECRET,
      tokenUrl: `${auth.url}/oidc/token`,
      verifyUrl: `${auth.url}/v1/auth/verify-api-key`,
      clock: () => now,
    })
    const { id, api_key } = (await create(owner, { scopes: ["notifications:write"] }).expect(201)).body
    const caller = await verifier.verify(api_key)
    assert.deepEqual(
      [caller.clientId, caller.ownerId, [...caller.scopes]],
      [`api-key:${id}`, owner.id, ["notifications:write"]],
    )

    await auth.http
      .delete(`/v1/api-keys/${id}`)
      .set(...bearer(owner))
      .expect(200)
    await verifier.verify(api_key)
    now += 31_000
    const isInvalid = (error: unknown) => error instanceof TokenError && error.code === "token_invalid"
    await assert.rejects(verifier.verify(api_key), isInvalid)
    await assert.rejects(verifier.verify("gp_nonsense"), isInvalid)

    // Who may not ask is told nothing.
    await auth.http.post("/v1/auth/verify-api-key").send({ api_key }).expect(401)
    await auth.http
      .post("/v1/auth/verify-api-key")
      .set(...bearer(owner))
      .send({ api_key })
      .expect(403)
  })

  it("send notifications, where that is among their scopes", async () => {
    const owner = await staff(auth)
    const env = {
      PORT: "0",
      PUBLIC_URL,
      JWKS_URL: `${auth.url}/.well-known/jwks.json`,
      DATABASE_URL: auth.db.urlOf("gatepost_notifications"),
      IDEMPOTENCY_SECRET: SECRETS.IDEMPOTENCY_SECRET,
      SERVICE_CLIENT_SECRET: SECRETS.SERVICE_CLIENT_SECRET,
      SHUTDOWN_DRAIN_SECONDS: "0",
    }
    const notifications = await startChild(env, NOTIFICATIONS)
    try {
      const send = (key: string) =>
        fetch(`${notifications.url}/v1/notifications`, {
          method: "POST",
          headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
          body: JSON.stringify({ user_id: owner.id, title: "Hello", body: "There" }),
        }).then(({ status }) => status)
      assert.equal(await send(await keyOf(owner, ["notifications:write"])), 201)
      assert.equal(await send(await keyOf(owner, ["users:read"])), 403)
      assert.equal(await send(`gp_test_${"0".repeat(16)}_${"a".repeat(43)}`), 401)
    } finally {
      notifications.child.kill()
      await notifications.exited
    }
  })
})
