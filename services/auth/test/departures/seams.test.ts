import assert from "node:assert/strict"
import { race, until } from "@gatepost/testkit"
import { readConfig } from "#src/config.js"
import { wire } from "#src/wiring.js"
import { byIdToken, type SocialBundle, setupSocial } from "../social/support/setup.js"
import { NATIVE_CLIENT_ID } from "../social/support/upstream.js"
import { newEmail, PASSWORD, refresh, register, type Tokens } from "../support/people.js"
import { settings } from "../support/setup.js"

const bearer = ({ access_token }: { access_token: string }) => ({ Authorization: `Bearer ${access_token}` })

/** Where each table that names an account stands in an export; or why it has no place there. */
const PLACES: Record<string, string> = {
  account_deletions: "none: its owner can't be signed in",
  api_keys: "api_keys",
  email_changes: "email_changes",
  email_verifications: "none: hashes, and the account's address",
  identities: "identities",
  known_devices: "known_devices",
  one_time_codes: "none: hashes, and the account's address",
  passkey_challenges: "none: random, for minutes",
  passkeys: "passkeys",
  password_resets: "none: hashes",
  profiles: "profiles",
  recovery_codes: "second_factors",
  remembered_devices: "remembered_devices",
  reserved_emails: "email_changes",
  role_grants: "roles",
  second_factor_tries: "none: counters",
  sessions: "sessions",
  sign_in_approvals: "none: hashes",
  sign_in_challenges: "none: hashes",
  sign_in_links: "none: hashes, and the account's address",
  totp_factors: "second_factors",
}

describe("leaving, and what other modules keep", function () {
  this.timeout(60_000)
  let auth: SocialBundle

  before(async () => {
    auth = await setupSocial()
  })
  after(() => auth.stop())

  const leave = (tokens: Tokens, body: object = { password: PASSWORD }) =>
    auth.http.delete("/v1/users/me").set(bearer(tokens)).send(body)
  const accountsOf = (id: string) => auth.db.query("select 1 from auth.accounts where id = ?", [id])

  it("exports whatever names an account, and no secret", async () => {
    const tables = await auth.db.query<{ name: string }>(
      `select conrelid::regclass::text as name from pg_constraint
       where contype = 'f' and confrelid = 'auth.accounts'::regclass order by 1`,
    )
    assert.deepEqual(
      tables.map(({ name }) => name.replace("auth.", "")),
      Object.keys(PLACES).sort(),
    )
    const person = await register(auth)
    const { id } = person.user
    await auth.db.query(
      `insert into auth.identities (id, account_id, provider, issuer, subject, upstream_client_id, email, refresh_token_sealed)
       values (gen_random_uuid(), :id, 'google', 'https://issuer.example', 'subject-7', 'c', 'upstream@example.org', 'needle-1');`,
      { id },
    )
    await auth.db.query(
      `insert into auth.passkeys (id, account_id, credential_id, public_key, sign_count, transports, is_synced, aaguid, name)
       values (gen_random_uuid(), :id, 'needle-2', 'needle-3', 1, '{internal}', true, gen_random_uuid(), 'My blue key')`,
      { id },
    )
    await auth.db.query(
      `insert into auth.totp_factors (account_id, sealed_secret, sealed_by, confirmed_at)
       values (:id, 'needle-4', 'needle-5', now())`,
      { id },
    )
    await auth.db.query("insert into auth.recovery_codes (account_id, code_hash) values (:id, 'needle-6')", {
      id,
    })
    await auth.db.query(
      `insert into auth.remembered_devices (token_hash, account_id, user_agent, expires_at)
       values ('needle-7', :id, 'ExportAgent/1', now() + interval '1 day')`,
      { id },
    )
    await auth.db.query(
      `insert into auth.api_keys (id, owner_id, name, scopes, secret_hash, expires_at)
       values ('key-7', :id, 'Night script', '{account}', 'needle-8', now() + interval '1 day')`,
      { id },
    )
    await auth.db.query(
      "insert into auth.role_grants (account_id, client_id, role) values (:id, 'jobswipe', 'editor')",
      { id },
    )
    await auth.db.query(
      `insert into auth.sessions (id, account_id, client_id, salt, amr, expires_at, scopes, oidc_grant)
       values (gen_random_uuid(), :id, 'third-party', 'needle-9', '{mfa}', now() + interval '1 day', '{account}',
         '{"openid": {"scope": "openid email"}}')`,
      { id },
    )
    await auth.db.query("update auth.sessions set amr = '{pwd,mfa}' where account_id = :id", { id })

    // Whoever has a second factor takes it to their data.
    const proved = (await refresh(auth, person.refresh_token).expect(200)).body as Tokens
    const { body } = await auth.http.get("/v1/users/me/export").set(bearer(proved)).expect(200)
    for (const place of new Set(Object.values(PLACES)))
      if (!place.startsWith("none")) assert.ok(body[place], place)
    assert.equal(body.identities[0].email, "upstream@example.org")
    assert.equal(body.identities[0].subject, "subject-7")
    assert.equal(body.passkeys[0].name, "My blue key")
    assert.ok(body.second_factors.totp_since)
    assert.equal(body.second_factors.recovery_codes_left, 1)
    assert.equal(body.remembered_devices[0].user_agent, "ExportAgent/1")
    assert.equal(body.api_keys[0].name, "Night script")
    assert.deepEqual([body.roles[0].client_id, body.roles[0].role], ["jobswipe", "editor"])
    assert.deepEqual(body.consents[0].client_id, "third-party")
    assert.deepEqual(body.consents[0].scopes.sort(), ["account", "email", "openid"])
    const text = JSON.stringify(body)
    for (let needle = 1; needle <= 9; needle++) {
      assert.ok(!text.includes(`needle-${needle}`), `needle-${needle}`)
      assert.ok(!text.includes(Buffer.from(`needle-${needle}`).toString("hex")), `needle-${needle}`)
    }
  })

  // check 110
  it("ends all admins but the last, of many that leave at the same moment as well", async () => {
    const admins = await Promise.all(Array.from({ length: 16 }, () => register(auth)))
    for (const { user } of admins)
      await auth.db.query(
        "insert into auth.role_grants (account_id, client_id, role) values (?, '*', 'admin')",
        [user.id],
      )
    const answers = await race(16, (index) => leave(admins[index] as Tokens))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(15).fill(202), 409])
    const refused = answers.findIndex(({ status }) => status === 409)
    assert.equal(answers[refused]?.body.code, "role.last-admin")
    const last = admins[refused] as Tokens
    await auth.http.get("/v1/auth/me").set(bearer(last)).expect(200)

    // Who is no admin goes as ever, and what others are told holds an id alone.
    const person = await register(auth)
    await leave(person).expect(202)
    const events = await auth.db.query<{ type: string; text: string }>(
      "select type, e::text as text from auth.events e where account_id = ? order by number",
      [person.user.id],
    )
    assert.equal(events.at(-1)?.type, "user.deleted")
    for (const { text } of events) assert.ok(!text.includes(person.user.email))
    await auth.db.query("delete from auth.role_grants where client_id = '*'")
  })

  // check 115
  it("gives Apple's token back, also when Apple is away at first and the account is long gone", async () => {
    const claims = { sub: "leaver", email: newEmail(), email_verified: "true" }
    auth.apple.appCodes.set("code-1", { ...claims, aud: NATIVE_CLIENT_ID } as never)
    const answer = await byIdToken(auth, auth.apple, claims, {
      provider: "apple",
      authorization_code: "code-1",
    })
    assert.equal(answer.status, 200, answer.text)
    const person = answer.body as Tokens
    const [held] = await auth.db.query(
      "select id from auth.identities where refresh_token_sealed is not null and subject = 'leaver'",
    )
    assert.ok(held)

    auth.apple.isAway = true
    await leave(person, {}).expect(202)
    assert.deepEqual(await accountsOf(person.user.id), [])
    const revocation = async () =>
      (
        await auth.db.query<{ tries: number; outcome: string | null; token_sealed: Buffer | null }>(
          "select tries, outcome, token_sealed from auth.upstream_revocations where id = ?",
          [(held as { id: string }).id],
        )
      )[0]
    await until("a try", async () => Number((await revocation())?.tries) >= 1)
    assert.equal(auth.apple.revocations.length, 0)
    auth.apple.isAway = false
    await until("the next try", async () => {
      await auth.db.query("update auth.upstream_revocations set due_at = now() where ended_at is null")
      return (await revocation())?.outcome === "delivered"
    })
    const [given] = auth.apple.revocations
    assert.deepEqual(
      [given?.token, given?.client_id, given?.token_type_hint],
      ["r-leaver", NATIVE_CLIENT_ID, "refresh_token"],
    )
    assert.equal((await revocation())?.token_sealed, null)
    assert.equal(auth.apple.revocations.length, 1)
  })

  it("is decided in one way for passkeys and identities: one of them stays, of all at once as well", async () => {
    const email = newEmail()
    const claims = { sub: "ways", email, email_verified: true }
    const person = (await byIdToken(auth, auth.google, claims)).body as Tokens
    const passkeyId = (
      await auth.db.query<{ id: string }>(
        `insert into auth.passkeys (id, account_id, credential_id, public_key, sign_count, transports, is_synced, aaguid, name)
         values (gen_random_uuid(), :id, 'ways', 'k', 0, '{}', false, gen_random_uuid(), 'Key') returning id`,
        { id: person.user.id },
      )
    )[0]?.id
    await auth.db.query("update auth.sessions set amr = '{hwk,mfa}' where account_id = ?", [person.user.id])
    const { body } = await auth.http.get("/v1/users/me/identities").set(bearer(person)).expect(200)
    const paths = [`passkeys/${passkeyId}`, `identities/${body.items[0].id}`]
    const answers = await race(16, (index) =>
      auth.http.delete(`/v1/users/me/${paths[index % 2]}`).set(bearer(person)),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    const codes = new Set(answers.filter(({ status }) => status === 409).map(({ body }) => body.code))
    assert.equal(codes.size, 1)
    const [left] = await auth.db.query<{ ways: number }>(
      `select ((select count(*) from auth.passkeys where account_id = :id)
         + (select count(*) from auth.identities where account_id = :id))::int as ways`,
      { id: person.user.id },
    )
    assert.equal(left?.ways, 1)
  })

  it("meets refreshes of 16 callers at the same moment, and nobody waits for ever or gets a 500", async () => {
    for (let round = 0; round < 5; round++) {
      const person = await register(auth)
      const answers = await race(16, (index) =>
        index === 8 ? leave(person, {}) : refresh(auth, person.refresh_token),
      )
      for (const [index, { status }] of answers.entries())
        assert.ok((index === 8 ? [202] : [200, 401]).includes(status), `${index}: ${status}`)
      assert.deepEqual(await accountsOf(person.user.id), [])
      await refresh(auth, person.refresh_token).expect(401)
    }
  })

  it("takes guests along who can't come back after 30 days, without a mail, and no others", async () => {
    const guest = async (days: number, more = "") => {
      const { user, ...tokens } = await register(auth)
      await auth.db.query(
        `update auth.accounts set email = id || '@guest.invalid', created_at = now() - make_interval(days => :days) where id = :id`,
        { id: user.id, days },
      )
      if (more === "gone")
        await auth.db.query(
          "update auth.refresh_tokens t set expires_at = now() from auth.sessions s where s.id = t.session_id and s.account_id = ?",
          [user.id],
        )
      return { ...tokens, user }
    }
    const [abandoned, active, young] = [await guest(31, "gone"), await guest(31), await guest(29, "gone")]
    const full = await register(auth)
    await auth.db.query("update auth.accounts set created_at = now() - interval '99 days' where id = ?", [
      full.user.id,
    ])
    const env = { ...settings(auth.db) }
    const parts = await wire(readConfig(env))
    await parts.departures.sweep()
    await parts.close()
    assert.deepEqual(await accountsOf(abandoned.user.id), [])
    for (const { user } of [active, young, full]) assert.equal((await accountsOf(user.id)).length, 1)
    assert.deepEqual(
      await auth.db.query("select 1 from mail.messages where recipient = ?", [
        `${abandoned.user.id}@guest.invalid`,
      ]),
      [],
    )
  })
})
