import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { logIn, me, refresh } from "../support/people.js"
import { serviceToken } from "../support/service-client.js"
import {
  type AdminBundle,
  audited,
  bearer,
  claimsOf,
  person,
  setupWithAdminPort,
  staff,
} from "./support/admins.js"

describe("roles", () => {
  let auth: AdminBundle
  before(async () => {
    auth = await setupWithAdminPort()
  })
  after(() => auth.stop())

  const rolesOf = (id: string) =>
    auth.db.query("select client_id, role from auth.role_grants where account_id = ?", [id])
  const give = (caller: { access_token: string }, id: string, body: object) =>
    auth.admin
      .post(`/v1/admin/users/${id}/roles`)
      .set(...bearer(caller))
      .send(body)
  const take = (caller: { access_token: string }, id: string, role: string, clientId = "*") =>
    auth.admin
      .delete(`/v1/admin/users/${id}/roles/${role}?client_id=${encodeURIComponent(clientId)}`)
      .set(...bearer(caller))

  it("are in the tokens of those who have them, with the scopes they allow", async () => {
    const nobody = claimsOf((await person(auth)).access_token)
    assert.deepEqual([nobody.roles, nobody.scope], [[], "account notifications:read"])

    const { access_token, refresh_token } = await staff(auth, "support")
    for (const token of [access_token, (await refresh(auth, refresh_token).expect(200)).body.access_token]) {
      const { roles, scope } = claimsOf(token)
      assert.deepEqual([roles, scope], [["support"], "account notifications:read users:read users:write"])
    }
  })

  // check 66, check 110
  it("given by an admin, count at once, and are in the next token; taken, they end the sessions they were in", async () => {
    const admin = await staff(auth)
    const helper = await person(auth)
    await auth.admin
      .get("/v1/admin/users")
      .set(...bearer(helper))
      .expect(403)
    await give(admin, helper.id, { role: "support" }).expect(200)
    await give(admin, helper.id, { role: "support" }).expect(200)
    await auth.admin
      .get("/v1/admin/users")
      .set(...bearer(helper))
      .expect(200)
    const renewed = (await refresh(auth, helper.refresh_token).expect(200)).body
    assert.deepEqual(claimsOf(renewed.access_token).roles, ["support"])

    await take(admin, helper.id, "support").expect(200)
    await auth.admin
      .get("/v1/admin/users")
      .set(...bearer(renewed))
      .expect(401)
    await me(auth, renewed.access_token).expect(401)
    await refresh(auth, renewed.refresh_token).expect(401)
    const [revoked] = await auth.db.query("select 1 from auth.revocations where session_id = ?", [
      claimsOf(renewed.access_token).sid,
    ])
    assert.ok(revoked, "other verifiers hear of it by the feed")
    await take(admin, helper.id, "support").expect(404)

    const events = [...(await audited(auth, "role.given")), ...(await audited(auth, "role.taken"))]
    const ofHelper = events.filter(({ account_id }) => account_id === helper.id)
    assert.deepEqual(
      ofHelper.map(({ detail }) => detail),
      [1, 2].map(() => ({ role: "support", by: admin.id })),
    )
  })

  it("of an app count in that app alone, and taken end its sessions alone", async () => {
    const admin = await staff(auth)
    const someone = await person(auth)
    const signIn = async (app: string) =>
      (await logIn(auth, someone.email).set("X-Client-Id", app).expect(200)).body
    await give(admin, someone.id, { client_id: "introgy", role: "coach" }).expect(200)
    const [introgy, movr] = [await signIn("introgy"), await signIn("movr")]
    assert.deepEqual(claimsOf(introgy.access_token).roles, ["coach"])
    assert.match(claimsOf(introgy.access_token).scope, /notifications:write/)
    assert.deepEqual(claimsOf(movr.access_token).roles, [])

    await take(admin, someone.id, "coach", "introgy").expect(200)
    await me(auth, introgy.access_token).expect(401)
    await me(auth, movr.access_token).expect(200)
    await give(admin, someone.id, { client_id: "movr", role: "coach" }).expect(404)
    await give(admin, someone.id, { role: "coach" }).expect(404)
    await give(admin, someone.id, { role: "constructor" }).expect(404)
  })

  // check 110
  it("are for admins to give: not by others, not to oneself, not by a body, and not by a sign-in of yesterday", async () => {
    const [admin, support, someone] = [await staff(auth), await staff(auth, "support"), await person(auth)]
    await give(someone, someone.id, { role: "admin" }).expect(403)
    await give(support, someone.id, { role: "support" }).expect(403)
    await give({ access_token: await serviceToken(auth) }, someone.id, { role: "admin" }).expect(403)
    assert.equal((await give(admin, admin.id, { role: "support" })).body.code, "role.not-allowed")
    assert.equal((await take(admin, admin.id, "admin")).body.code, "role.not-allowed")
    await auth.http
      .patch("/v1/users/me")
      .set(...bearer(someone))
      .set("X-Roles", "admin")
      .send({ name: "Kim", roles: ["admin"], role: "admin" })
      .expect(200)

    await auth.db.query(
      "update auth.sessions set authenticated_at = now() - interval '16 minutes' where id = ?",
      [claimsOf(admin.access_token).sid],
    )
    const stale = (await refresh(auth, admin.refresh_token).expect(200)).body
    assert.equal((await give(stale, someone.id, { role: "admin" })).body.code, "mfa.step-up-required")
    assert.deepEqual(await rolesOf(someone.id), [])
  })

  // check 110
  it("leave an admin, whoever takes them from each other at once", async () => {
    await auth.db.query("delete from auth.role_grants where role = 'admin'")
    const admins = await Promise.all(Array.from({ length: 16 }, () => staff(auth)))
    const answers = await race(16, async (turn) => {
      const [taker, next] = [admins[turn], admins[(turn + 1) % 16]]
      assert.ok(taker && next)
      return take(taker, next.id, "admin")
    })
    const left = await auth.db.query("select 1 from auth.role_grants where role = 'admin'")
    assert.ok(left.length >= 1)
    assert.equal(answers.filter(({ status }) => status === 200).length, 16 - left.length)

    // Of two, each by the other, and one of them by way of a suspension: one is left.
    for (let round = 0; round < 8; round++) {
      await auth.db.query("delete from auth.role_grants where role = 'admin'")
      const [a, b] = [await staff(auth), await staff(auth)]
      const both = await Promise.all([
        take(a, b.id, "admin"),
        auth.admin
          .post(`/v1/admin/users/${a.id}/suspend`)
          .set(...bearer(b))
          .send({}),
      ])
      const active = await auth.db.query(
        `select 1 from auth.role_grants join auth.accounts on id = account_id
         where role = 'admin' and disabled_at is null`,
      )
      assert.equal(active.length, 1, JSON.stringify(both.map(({ status, body }) => [status, body])))
    }
  })

  it("are listed with what they allow", async () => {
    const admin = await staff(auth)
    const { items } = (
      await auth.admin
        .get("/v1/admin/roles")
        .set(...bearer(admin))
        .expect(200)
    ).body
    const names = items.map(
      ({ client_id, role }: { client_id: string; role: string }) => `${client_id} ${role}`,
    )
    assert.deepEqual(names, ["* admin", "* support", "introgy coach"])
    const mine = (
      await auth.admin
        .get(`/v1/admin/users/${admin.id}/roles`)
        .set(...bearer(admin))
        .expect(200)
    ).body
    assert.deepEqual(
      mine.items.map(({ role }: { role: string }) => role),
      ["admin"],
    )
  })
})
