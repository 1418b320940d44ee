import assert from "node:assert/strict"
import { openDatabase } from "@gatepost/postgres"
import { createLogger } from "@gatepost/runtime"
import { createRevocationsService } from "#src/modules/revocations/index.js"
import { logIn, logOut, refresh, register } from "../support/people.js"
import { basic } from "../support/service-client.js"
import { type Bundle, PUBLIC_URL, SECRETS, setup } from "../support/setup.js"
import { askForPage, END_OF_SESSION, openStream, readAll, sessionOf, tokenFor } from "./support/feed.js"

const logger = createLogger("test", "silent")

describe("the feed of revocations", () => {
  let auth: Bundle
  let token: string

  before(async () => {
    auth = await setup()
    token = await tokenFor(auth)
  })
  after(() => auth.stop())

  const isListed = async (accessToken: string) =>
    (await readAll(auth, token)).some(({ session_id }) => session_id === sessionOf(accessToken))

  // checks 54, 61, 66 and 115
  it("has each session that ended before its time, whatever ended it", async () => {
    const [loggedOut, stolen, reset, deleted, living] = await Promise.all(
      Array.from({ length: 5 }, () => register(auth)),
    )
    assert.ok(loggedOut && stolen && reset && deleted && living)
    await logOut(auth, loggedOut.access_token).expect(200)

    const { body } = await refresh(auth, stolen.refresh_token).expect(200)
    await refresh(auth, body.refresh_token).expect(200)
    await refresh(auth, stolen.refresh_token).expect(401)

    const { body: elsewhere } = await logIn(auth, reset.user.email).expect(200)
    await auth.http.post("/v1/auth/forgot-password").send({ email: reset.user.email }).expect(200)
    const link = { token: await auth.tokenFromMail("reset-password"), new_password: "quite another phrase" }
    await auth.http.post("/v1/auth/reset-password").send(link).expect(200)

    await auth.db.query("delete from auth.accounts where id = ?", [deleted.user.id])

    for (const { access_token } of [loggedOut, stolen, reset, elsewhere, deleted]) {
      assert.ok(await isListed(access_token))
    }
    assert.ok(!(await isListed(living.access_token)))
  })

  it("has them once, and for longer than any of their access tokens lives", async () => {
    const { access_token } = await register(auth)
    await logOut(auth, access_token).expect(200)
    await logOut(auth, access_token).expect(401)
    await auth.db.query("delete from auth.sessions where id = ?", [sessionOf(access_token)])
    const rows = (await readAll(auth, token)).filter((row) => row.session_id === sessionOf(access_token))
    assert.equal(rows.length, 1)
    const [{ revoked_at, expires_at } = assert.fail()] = rows
    assert.ok(Date.parse(expires_at) - Date.parse(revoked_at) > 3_660_000)
  })

  it("does not have those that were over long before they were deleted", async () => {
    const [over, longOver] = await Promise.all([register(auth), register(auth)])
    for (const [{ access_token }, age] of [
      [over, "10 minutes"],
      [longOver, "2 hours"],
    ] as const) {
      const id = sessionOf(access_token)
      await auth.db.query("update auth.sessions set expires_at = now() - ?::interval where id = ?", [age, id])
      await auth.db.query("delete from auth.sessions where id = ?", [id])
    }
    // A session's last access token outlives it.
    assert.ok(await isListed(over.access_token))
    assert.ok(!(await isListed(longOver.access_token)))
  })

  it("is read in pages, which end, and goes on from any place", async () => {
    for (let n = 0; n < 3; n++) await logOut(auth, (await register(auth)).access_token).expect(200)
    const all = await readAll(auth, token)
    assert.ok(all.length >= 3)
    assert.deepEqual(await readAll(auth, token, 2), all)
    assert.deepEqual(await readAll(auth, token, all.length), all)
    assert.deepEqual(
      all.map(({ seq }) => seq),
      all.map(({ seq }) => seq).sort((a, b) => a - b),
    )
    const after = all.at(-2)?.seq ?? 0
    const { body } = await askForPage(auth, token, { after }).expect(200)
    assert.deepEqual(body, { items: all.slice(-1), next_cursor: null })
  })

  it("refuses what is no place or size", async () => {
    for (const query of [
      { after: "" },
      { after: -1 },
      { after: "x" },
      { after: "1e3" },
      { after: "9".repeat(17) },
    ]) {
      await askForPage(auth, token, query).expect(400)
    }
    for (const limit of ["", 0, 1001, -1, "2.5"]) await askForPage(auth, token, { limit }).expect(400)
    for (const headers of [{ "Last-Event-ID": "x" }, { "Last-Event-ID": "" }]) {
      assert.equal((await openStream(auth, token, headers)).status, 400)
    }
    assert.equal((await openStream(auth, token, {}, "/v1/revocations?after=1&after=2")).status, 400)
  })

  // check 84
  it("is for services with its scope, and for nobody else", async () => {
    const { access_token: person } = await register(auth)
    const other = await tokenFor(auth, "notifications:write")
    for (const [given, status] of [
      [other, 403],
      [person, 403],
      ["a.b.c", 401],
      ["", 401],
    ] as const) {
      const answers = [await askForPage(auth, given), await openStream(auth, given)]
      for (const answer of answers) {
        assert.equal(answer.status, status)
        assert.match(
          String(answer.headers["www-authenticate"]),
          status === 403 ? /insufficient_scope.*revocations:read/ : /^Bearer/,
        )
      }
    }
  })

  it("never shows a row in front of one that was seen, however late a transaction commits", async () => {
    const [early, late] = await Promise.all([register(auth), register(auth)])
    const place = (await readAll(auth, token)).at(-1)?.seq ?? 0
    const stream = await openStream(auth, token, { "Last-Event-ID": String(place) })

    const held = await auth.db.database.db.transaction()
    await held.raw(END_OF_SESSION, [sessionOf(early.access_token)])
    await logOut(auth, late.access_token).expect(200)
    const { items } = (await askForPage(auth, token, { after: place }).expect(200)).body
    assert.deepEqual(
      items.map((row: { session_id: string }) => row.session_id),
      [sessionOf(late.access_token)],
    )
    await stream.first("revoked")
    // Until its end is committed, a session lives, and so may get tokens.
    await refresh(auth, early.refresh_token).expect(200)
    await held.commit()

    const next = (await askForPage(auth, token, { after: items[0].seq }).expect(200)).body.items
    assert.deepEqual(
      next.map((row: { session_id: string }) => row.session_id),
      [sessionOf(early.access_token)],
    )
    while (stream.sessions().length < 2) await new Promise((resolve) => setTimeout(resolve, 10))
    assert.deepEqual(
      stream.sessions(),
      [late, early].map(({ access_token }) => sessionOf(access_token)),
    )
    stream.close()
  })

  it("gives places that stay in order when many publish at once", async () => {
    const others = await Promise.all([auth.another(), auth.another()])
    const streams = await Promise.all([auth, ...others].map((process) => openStream(process, token)))
    const people = await Promise.all(Array.from({ length: 12 }, () => register(auth)))
    const ended = people.map(async ({ access_token }, index) => {
      const process = [auth, ...others][index % 3] as Bundle
      await logOut(process, access_token).expect(200)
      await askForPage(process, token).expect(200)
    })
    await Promise.all(ended)
    const all = (await readAll(auth, token)).map(({ session_id }) => session_id)
    for (const stream of streams) {
      while (stream.sessions().length < all.length) await new Promise((resolve) => setTimeout(resolve, 10))
      assert.deepEqual(stream.sessions(), all)
      stream.close()
    }
    for (const { access_token } of people) assert.ok(all.includes(sessionOf(access_token)))
  })

  it("takes in very many at once, as when everybody's sessions end, a few thousand at a time", async () => {
    const theirs = "account_id = '00000000-0000-7000-8000-000000000000'"
    await auth.db.query(
      `insert into auth.revocations (session_id, account_id)
       select gen_random_uuid(), '00000000-0000-7000-8000-000000000000' from generate_series(1, 12000)`,
    )
    await askForPage(auth, token, { limit: 1 }).expect(200)
    const [row] = await auth.db.query(
      `select count(*)::int as published, bool_and(is_later) as "inOrder" from (
         select seq > lag(seq) over (order by id) as is_later from auth.revocations where seq is not null and ${theirs}
       ) places`,
    )
    assert.deepEqual(row, { published: 12_000, inOrder: true })
    await auth.db.query(`delete from auth.revocations where ${theirs}`)
  })

  it("can't be added to, changed or shortened by the service's role", async () => {
    const url = auth.db.urlOf("gatepost_auth")
    const service = openDatabase({
      url,
      applicationName: "role",
      poolSize: 1,
    })
    for (const statement of [
      "insert into auth.revocations (session_id, account_id) values (gen_random_uuid(), gen_random_uuid())",
      "update auth.revocations set expires_at = now()",
      "delete from auth.revocations",
      "truncate auth.revocations",
      "alter table auth.sessions disable trigger sessions_revoked",
    ]) {
      await assert.rejects(service.db.raw(statement), { code: "42501" }, statement)
    }
    const before = await readAll(auth, token)
    await service.db.raw("select auth.publish_revocations(), auth.delete_expired_revocations()")
    await service.close()
    assert.deepEqual(await readAll(auth, token), before)
  })

  it("forgets what is over, and keeps what nobody has asked for just as long", async () => {
    const { access_token } = await register(auth)
    const revocations = createRevocationsService({
      database: auth.db.database,
      databaseUrl: auth.db.url,
      isDraining: () => false,
      logger,
    })
    const published = await readAll(auth, token)
    await auth.db.database.transaction(async (trx) => {
      await trx.raw("update auth.revocations set expires_at = now() - interval '1 second'")
      await trx.raw(END_OF_SESSION, [sessionOf(access_token)])
      await trx.raw("update auth.revocations set revoked_at = now() - interval '1 day'")
    })
    assert.equal(await revocations.sweep(), published.length)
    const [left, ...none] = await readAll(auth, token)
    assert.deepEqual(none, [])
    assert.equal(left?.session_id, sessionOf(access_token))
    assert.ok(Date.parse(left.expires_at) > Date.now() + 3_600_000)
    assert.ok(left.seq > (published.at(-1)?.seq ?? 0))

    await auth.db.query(END_OF_SESSION, [sessionOf((await register(auth)).access_token)])
    assert.equal(await revocations.sweep(), 0)
    await auth.db.query("update auth.revocations set expires_at = now() - interval '1 second'")
    assert.equal(await revocations.sweep(), 2)
    await revocations.stop()
  })

  // check 5
  it("is found at the inner name that the other services use, with the public issuer", async () => {
    const inner = await auth.another({ JWKS_URL: "http://auth.internal:8001/.well-known/jwks.json" })
    const ask = (host: string) =>
      inner.http
        .post("/oidc/token")
        .set({ Host: host, Authorization: basic("backend", SECRETS.SERVICE_CLIENT_SECRET) })
        .type("form")
        .send({ grant_type: "client_credentials", scope: "revocations:read" })
    const { body } = await ask("auth.internal:8001").expect(200)
    const claims = JSON.parse(Buffer.from(body.access_token.split(".")[1], "base64url").toString())
    assert.equal(claims.iss, `${PUBLIC_URL}/oidc`)
    await askForPage(inner, body.access_token).set("Host", "auth.internal:8001").expect(200)
    await ask("other.internal:8001").expect(421)
    await askForPage(auth, token).set("Host", "auth.internal:8001").expect(421)
  })
})
