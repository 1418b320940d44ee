import assert from "node:assert/strict"
import type { AdminBundle } from "../admin/support/admins.js"
import { bearer, person, setupWithAdminPort, staff } from "../admin/support/admins.js"

// check 117; ASVS 16.3.2
describe("what somebody asked for and may not", () => {
  let auth: AdminBundle
  before(async () => {
    auth = await setupWithAdminPort()
  })
  after(() => auth.stop())

  const refusalsOf = (accountId: string) =>
    auth.db.query<{ outcome: string; detail: Record<string, unknown>; request_id: string }>(
      `select outcome, client_id, host(ip) as ip, detail, request_id from auth.audit_events
       where account_id = ? and event = 'access.refused' order by id`,
      [accountId],
    )

  it("is in the audit, at the public port and that of the admins, with what they asked for", async () => {
    const nobody = await person(auth)
    const helper = await staff(auth, "support")
    const first = await auth.http
      .get("/v1/audit-events?account_id=everybody")
      .set(...bearer(nobody))
      .expect(403)
    const expected = { outcome: "failure", client_id: "jobswipe", ip: "127.0.0.1" }
    const problem = "token.scope-missing"
    assert.deepEqual(await refusalsOf(nobody.user.id), [
      {
        ...expected,
        detail: { method: "GET", path: "/audit-events", problem },
        request_id: first.headers["x-request-id"],
      },
    ])
    await auth.admin
      .post(`/v1/admin/users/${nobody.user.id}/suspend`)
      .set(...bearer(nobody))
      .send({})
      .expect(403)
    const [, second] = await refusalsOf(nobody.user.id)
    assert.deepEqual(second?.detail, { method: "POST", path: "/admin/users/{id}/suspend", problem })
    await auth.admin
      .get("/v1/admin/users")
      .set(...bearer(helper))
      .expect(200)
    // Who is nobody was refused for that, not for what they may.
    await auth.http.get("/v1/audit-events").expect(401)
    assert.deepEqual(await refusalsOf(helper.user.id), [])
  })

  it("fills the audit with no more than thirty a minute of one session, the last of which says so", async () => {
    const nobody = await person(auth)
    const ask = () => auth.http.get("/v1/audit-events").set(...bearer(nobody))
    for (let round = 0; round < 4; round++)
      await Promise.all(Array.from({ length: 10 }, () => ask().expect(403)))
    const kept = await refusalsOf(nobody.user.id)
    assert.equal(kept.length, 30)
    assert.equal(kept.filter(({ detail }) => detail.more_left_out === true).length, 1)
  })
})
