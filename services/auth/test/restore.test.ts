import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { type Database, openDatabase } from "@gatepost/postgres"
import { type RecipePostgres, recipePostgres } from "@gatepost/testkit"
import { logIn, newEmail, refresh, register, type Tokens } from "./support/people.js"
import { post, type SecuredPerson, secured, signInFully, verified } from "./support/second-factors.js"
import { type AuthProcess, type Bundle, startProcess } from "./support/setup.js"
import { assertPasskey, createPasskey, type SoftwarePasskey } from "./support/software-authenticator.js"

interface Place extends Bundle {
  server: RecipePostgres
}

// R22; docs/operations/backup.md says the same in words.
describe("a restore of an old dump, on Debian's PostgreSQL 15", function () {
  this.timeout(90_000)
  const folder = mkdtempSync(path.join(tmpdir(), "gatepost-dump-"))
  const closing: (() => Promise<void>)[] = []
  let keys: string
  let restored: Place
  let calm: Tokens & { email: string }
  let busy: Tokens
  let left: Tokens
  let late: string
  let withCode: SecuredPerson
  let withPasskey: { id: string; passkey: SoftwarePasskey }

  before(async function () {
    const source = await serverFor(this)
    await source.migrate()
    const before = await open(source)
    calm = await verified(before)
    busy = await register(before)
    left = await register(before)
    withCode = await secured(before)
    const owner = await verified(before)
    const made = await post(before, "/users/me/passkey-options", owner.access_token).expect(200)
    const { passkey, credential } = createPasskey(made.body.public_key)
    await post(before, "/users/me/passkeys", owner.access_token, { credential }).expect(201)
    withPasskey = { id: owner.user.id, passkey }

    await source.dump(path.join(folder, "gatepost.dump"))

    keys = await keysOf(before)
    busy = (await refresh(before, busy.refresh_token).expect(200)).body
    await post(before, "/auth/logout", left.access_token).expect(200)
    late = newEmail()
    await register(before, late)

    const target = await serverFor(this)
    await target.restore(path.join(folder, "gatepost.dump"))
    restored = await open(target)
  })
  after(async () => {
    for (const close of closing.reverse()) await close()
    rmSync(folder, { recursive: true })
  })

  async function serverFor(test: Mocha.Context): Promise<RecipePostgres> {
    const server = await recipePostgres(test)
    closing.push(server.stop)
    return server
  }

  async function open(server: RecipePostgres): Promise<Place> {
    const database: Database = openDatabase({ url: server.url(), applicationName: "restore", poolSize: 2 })
    closing.push(database.close)
    const query = async (sql: string, bindings: never[] = []) => (await database.db.raw(sql, bindings)).rows
    const db = { query, urlOf: server.url } as unknown as Bundle["db"]
    const process = await startProcess(db)
    closing.push(process.stop)
    return { ...process, db, server } as Place
  }

  const keysOf = async ({ http }: AuthProcess) => (await http.get("/.well-known/jwks.json").expect(200)).text

  it("has the keys it had, byte for byte", async () => {
    assert.equal(await keysOf(restored), keys)
    const { body } = await restored.http
      .get("/v1/auth/me")
      .set("Authorization", `Bearer ${calm.access_token}`)
    assert.equal(body.email, calm.email)
  })

  it("lets in who had a password, a code or a passkey", async () => {
    await logIn(restored, calm.email).expect(200)
    await signInFully(restored, withCode)
    const { body } = await post(restored, "/auth/login/passkey/options").expect(200)
    const credential = assertPasskey(withPasskey.passkey, body.public_key)
    const signedIn = await post(restored, "/auth/login/passkey", undefined, { credential }).expect(200)
    assert.equal(signedIn.body.user.id, withPasskey.id)
  })

  it("goes on with who has not refreshed since, and asks who has to sign in again, without crying thief", async () => {
    await refresh(restored, calm.refresh_token).expect(200)
    const { body } = await refresh(restored, busy.refresh_token).expect(401)
    assert.equal(body.code, "session.refresh-invalid")
    const stolen = await restored.db.query(
      "select from auth.audit_events where event = 'session.refresh-reused'",
    )
    assert.deepEqual(stolen, [])
  })

  it("knows nobody who registered since", async () => {
    await logIn(restored, late).expect(401)
  })

  it("has sessions alive again that were ended since, until all are ended as the page says", async () => {
    const { body } = await refresh(restored, left.refresh_token).expect(200)
    await restored.db.query(
      "update auth.sessions set revoked_at = now(), revoked_because = 'restored' where revoked_at is null",
    )
    for (const token of [body.refresh_token, calm.refresh_token]) await refresh(restored, token).expect(401)
    await restored.http.get("/v1/auth/me").set("Authorization", `Bearer ${body.access_token}`).expect(401)
    await logIn(restored, calm.email).expect(200)
  })

  it("refuses to start without the secret of that time, and makes no new keys", async () => {
    const wrong = { KEY_ENCRYPTION_SECRET: "another-secret-0123456789abcdefghi" }
    await assert.rejects(startProcess(restored.db, wrong))
    assert.equal(await keysOf(restored), keys)
  })
})
