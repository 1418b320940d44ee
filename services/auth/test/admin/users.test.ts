import assert from "node:assert/strict"
import { newId } from "@gatepost/runtime"
import { race } from "@gatepost/testkit"
import { countMails } from "../support/mails.js"
import { logIn, me, newEmail, PASSWORD, refresh } from "../support/people.js"
import {
  type AdminBundle,
  audited,
  bearer,
  claimsOf,
  person,
  setupWithAdminPort,
  staff,
} from "./support/admins.js"

describe("looking after users", () => {
  let auth: AdminBundle
  let admin: Awaited<ReturnType<typeof staff>>
  before(async () => {
    auth = await setupWithAdminPort({ ACCOUNT_DELETION_DELAY: "86400" })
    admin = await staff(auth)
  })
  after(() => auth.stop())

  const get = (path: string, caller: { access_token: string } = admin) =>
    auth.admin.get(`/v1/admin${path}`).set(...bearer(caller))
  const post = (path: string, caller: { access_token: string } = admin) =>
    auth.admin.post(`/v1/admin${path}`).set(...bearer(caller))
  const remove = (path: string) => auth.admin.delete(`/v1/admin${path}`).set(...bearer(admin))

  it("is not for the public port", async () => {
    await auth.http
      .get("/v1/admin/users")
      .set(...bearer(admin))
      .expect(404)
    await auth.http
      .post(`/v1/admin/users/${admin.id}/suspend`)
      .set(...bearer(admin))
      .send({})
      .expect(404)
  })

  // check 18
  it("finds them by address, in pages that miss nobody and show nobody twice", async () => {
    await auth.db.query(
      `insert into auth.accounts (id, email, external_id) select gen_random_uuid(), 'page_' || lpad(n::text, 3, '0') || '@example.com', 'former-' || n
       from generate_series(1, 25) n`,
    )
    const seen: string[] = []
    let cursor: string | null = ""
    while (cursor !== null) {
      const page: { items: { email: string }[]; next_cursor: string | null } = (
        await get(`/users?q=PAGE_&limit=10${cursor && `&cursor=${cursor}`}`).expect(200)
      ).body
      seen.push(...page.items.map(({ email }) => email))
      // Somebody who comes in behind the page that was read moves nobody.
      if (cursor === "")
        await auth.db.query(
          "insert into auth.accounts (id, email) values (gen_random_uuid(), 'page_0000@example.com')",
        )
      cursor = page.next_cursor
    }
    const expected = Array.from(
      { length: 25 },
      (_, index) => `page_${String(index + 1).padStart(3, "0")}@example.com`,
    )
    assert.deepEqual(seen, expected)

    const emails = async (query: string) =>
      (await get(`/users?${query}`).expect(200)).body.items.map(({ email }: { email: string }) => email)
    assert.deepEqual(await emails("q=former-7"), ["page_007@example.com"])
    assert.deepEqual(await emails(`q=${admin.id}`), [admin.email])
    assert.deepEqual(await emails("q=%25%25%25"), [], "wildcards are letters")
    assert.deepEqual(await emails("role=admin"), [admin.email])
    assert.deepEqual(await emails("status=suspended"), [])
    await get("/users?q=pa").expect(400)
    for (const cursor of ["AAAA", "_-_-", Buffer.from("a\0b").toString("base64url")]) {
      await get(`/users?cursor=${cursor}`).expect(400)
    }
  })

  // check 112
  it("shows no password, and takes none", async () => {
    const someone = await person(auth)
    const answer = await get(`/users/${someone.id}`).expect(200)
    assert.deepEqual(Object.keys(answer.body).sort(), [
      "created_at",
      "email",
      "email_verified",
      "has_password",
      "id",
      "is_active",
      "last_signed_in_at",
      "roles",
      "suspended_at",
    ])
    assert.ok(!/argon2|[$]2b/.test(answer.text))

    const hashOf = async () =>
      (await auth.db.query("select password_hash from auth.accounts where id = ?", [someone.id]))[0]
    const before = await hashOf()
    const guess = { password: "another long one", new_password: "another long one", password_hash: "x" }
    await post(`/users/${someone.id}/suspend`).send(guess).expect(200)
    await post(`/users/${someone.id}/unsuspend`).send(guess).expect(200)
    await post(`/users/${someone.id}/password-reset`).send(guess).expect(200)
    assert.deepEqual(await hashOf(), before)
    assert.equal(await countMails(auth, "reset-password", someone.email), 1)
    await logIn(auth, someone.email).expect(200)
  })

  // check 41
  it("suspends who is about to leave, so that keeping the account lets nobody in", async () => {
    const someone = await person(auth)
    await auth.http
      .delete("/v1/users/me")
      .set(...bearer(someone))
      .send({ password: PASSWORD })
      .expect(202)
    const token = await auth.tokenFromMail("account-deletion")
    const suspensions = await race(16, () => post(`/users/${someone.id}/suspend`).send({ reason: "spam" }))
    assert.deepEqual(new Set(suspensions.map(({ status }) => status)), new Set([200]))
    const told = (await audited(auth, "user.suspended")).filter(({ account_id }) => account_id === someone.id)
    assert.equal(told.length, 1)

    await auth.http.post("/v1/auth/account-deletion/withdraw").send({ token }).expect(200)
    await logIn(auth, someone.email).expect(401)
    await post(`/users/${someone.id}/unsuspend`).expect(200)
    await logIn(auth, someone.email).expect(200)
  })

  it("keeps who is about to leave by letting them in, so that a later suspension neither ends nor deletes them", async () => {
    const someone = await person(auth)
    await auth.http
      .delete("/v1/users/me")
      .set(...bearer(someone))
      .send({ password: PASSWORD })
      .expect(202)
    const token = await auth.tokenFromMail("account-deletion")
    await post(`/users/${someone.id}/unsuspend`).expect(200)
    await logIn(auth, someone.email).expect(200)
    await post(`/users/${someone.id}/suspend`).send({ reason: "to be looked at" }).expect(200)
    await auth.http.post("/v1/auth/account-deletion/withdraw").send({ token }).expect(400)
    await logIn(auth, someone.email).expect(401)
    assert.deepEqual(
      await auth.db.query("select 1 from auth.account_deletions where account_id = ?", [someone.id]),
      [],
    )
    await post(`/users/${someone.id}/unsuspend`).expect(200)
  })

  // check 53
  it("asks those who look after users for the second factor that they have, everywhere", async () => {
    const helper = await staff(auth, "support")
    await auth.db.query(
      `insert into auth.totp_factors (account_id, sealed_secret, sealed_by, confirmed_at) values (?, 'x', 'x', now())`,
      [helper.id],
    )
    for (const call of [get("/users", helper), post(`/users/${helper.id}/suspend`, helper).send({})]) {
      const { status, body } = await call
      assert.deepEqual([status, body.code], [403, "mfa.step-up-required"])
    }
  })

  // check 41, check 66
  it("suspends: no door opens, and no token counts, until it is undone", async () => {
    const someone = await person(auth)
    const reset = await auth.http.post("/v1/auth/forgot-password").send({ email: someone.email })
    assert.equal(reset.status, 200)
    const token = await auth.tokenFromMail("reset-password")
    const suspended = (await post(`/users/${someone.id}/suspend`).send({ reason: "spam" }).expect(200)).body
    assert.equal(suspended.is_active, false)
    assert.ok(suspended.suspended_at)

    await me(auth, someone.access_token).expect(401)
    await refresh(auth, someone.refresh_token).expect(401)
    await logIn(auth, someone.email).expect(401)
    await auth.http.post("/v1/auth/reset-password").send({ token, new_password: PASSWORD }).expect(400)
    const { refresh_token } = someone
    const form = { grant_type: "refresh_token", refresh_token, client_id: "jobswipe" }
    const answer = await auth.http.post("/oidc/token").type("form").send(form).expect(400)
    assert.equal(answer.body.error, "invalid_grant")
    const listed = (await get("/users?status=suspended").expect(200)).body.items
    assert.deepEqual(
      listed.map(({ id }: { id: string }) => id),
      [someone.id],
    )

    await post(`/users/${someone.id}/unsuspend`).expect(200)
    await me(auth, someone.access_token).expect(401)
    await logIn(auth, someone.email).expect(200)
    const [event] = await audited(auth, "user.suspended").then((events) => events.slice(-1))
    assert.deepEqual([event?.account_id, event?.detail], [someone.id, { by: admin.id, reason: "spam" }])
  })

  // check 109
  it("sees and ends the sessions of the user it names, and of nobody else", async () => {
    const [a, b] = [await person(auth), await person(auth)]
    const sidOf = ({ access_token }: { access_token: string }) => claimsOf(access_token).sid
    const { items } = (await get(`/users/${a.id}/sessions`).expect(200)).body
    assert.deepEqual(
      items.map(({ id }: { id: string }) => id),
      [sidOf(a)],
    )

    await remove(`/users/${a.id}/sessions/${sidOf(b)}`).expect(404)
    await me(auth, b.access_token).expect(200)
    await remove(`/users/${a.id}/sessions/${sidOf(a)}`).expect(200)
    await me(auth, a.access_token).expect(401)
    const again = (await logIn(auth, b.email).expect(200)).body
    await remove(`/users/${b.id}/sessions`).expect(200)
    for (const { access_token } of [b, again]) await me(auth, access_token).expect(401)
    for (const path of ["", "/sessions", "/roles"]) await get(`/users/${newId()}${path}`).expect(404)
  })

  // check 110
  it("by support is for users alone: nobody acts on those above, nor on themselves", async () => {
    const support = await staff(auth, "support")
    for (const target of [admin, support, await staff(auth, "support")]) {
      const answer = await post(`/users/${target.id}/suspend`, support).send({})
      assert.equal(answer.body.code, "role.not-allowed")
      await post(`/users/${target.id}/password-reset`, support).expect(403)
    }
    await post(`/users/${admin.id}/suspend`).send({}).expect(403)
    await post(`/users/${support.id}/suspend`).send({}).expect(200)
    const someone = await person(auth)
    assert.equal(someone.email.includes("@"), true)
    await logIn(auth, newEmail()).expect(401)
  })
})
