import assert from "node:assert/strict"
import { fileURLToPath } from "node:url"
import { createSealer, newId } from "@gatepost/runtime"
import { readConfig } from "#src/config.js"
import { sealedColumns } from "#src/sealed-columns.js"
import { wire } from "#src/wiring.js"
import { runChild } from "../support/child.js"
import { me } from "../support/people.js"
import { startScript } from "../support/script.js"
import { type SecuredPerson, secured, signInFully } from "../support/second-factors.js"
import { type Bundle, SECRETS, settings, setup } from "../support/setup.js"
import { runKeys } from "./support/keys.js"

const AUDIT = fileURLToPath(new URL("../../dist/audit.js", import.meta.url))
const OLD = SECRETS.KEY_ENCRYPTION_SECRET
const NEW = "a-new-secret-for-signing-keys-0123456789"
const BOTH = { KEY_ENCRYPTION_SECRET: NEW, KEY_ENCRYPTION_SECRET_PREVIOUS: OLD }
const ONLY_NEW = { KEY_ENCRYPTION_SECRET: NEW }

interface Value {
  table: string
  column: string
  purpose: string
  id: string
  sealed: Buffer
}

// R12: the secret that seals others is changed while services run, and nothing of it is lost.
describe("another KEY_ENCRYPTION_SECRET", function () {
  this.timeout(60_000)
  let auth: Bundle
  let person: SecuredPerson

  before(async () => {
    auth = await setup()
    person = await secured(auth)
    const seal = (purpose: string, id: string) => createSealer(OLD, purpose).seal(`of ${id}`, id)
    const [identity, webhook] = [newId(), newId()]
    const token = seal("upstream refresh tokens", identity)
    await auth.db.query(
      `insert into auth.identities (id, account_id, provider, issuer, subject, upstream_client_id, refresh_token_sealed)
       values (?, ?, 'apple', 'https://appleid.apple.com', 'somebody', 'client', ?)`,
      [identity, person.user.id, token],
    )
    await auth.db.query(
      "insert into auth.upstream_revocations (id, provider, upstream_client_id, token_sealed) values (?, 'apple', 'client', ?)",
      [identity, token],
    )
    const secret = seal("webhook secrets", webhook)
    await auth.db.query(
      `insert into auth.webhooks (id, url, event_types, secret_sealed, former_secret_sealed, former_until)
       values (?, 'https://example.com/hook', '{user.created}', ?, ?, now() + interval '1 day')`,
      [webhook, secret, secret],
    )
    const parts = await wire(readConfig(settings(auth.db)))
    await parts.auditSealer.seal()
    await parts.close()
  })
  after(() => auth.stop())

  async function values(): Promise<Value[]> {
    const found: Value[] = []
    for (const { table, column, id, purpose } of sealedColumns) {
      const rows = await auth.db.query<{ id: string; sealed: Buffer }>(
        `select ${id}::text as id, ${column} as sealed from ${table} where ${column} is not null order by 1`,
      )
      found.push(...rows.map((row) => ({ table, column, purpose, ...row })))
    }
    return found
  }
  const opens = (secret: string) => async () => {
    for (const { purpose, id, sealed } of await values()) createSealer(secret, purpose).open(sealed, id)
  }
  const verifyAudit = async (env: Record<string, string>) =>
    (await startScript(AUDIT, { DATABASE_URL: auth.db.urlOf("gatepost_auth"), ...env }, ["verify"]).result)
      .code

  it("knows every column that is sealed", async () => {
    const columns = await auth.db.query<{ name: string }>(
      `select 'auth.' || table_name || '.' || column_name as name from information_schema.columns
       where table_schema = 'auth' and data_type = 'bytea' and column_name like '%sealed%' order by 1`,
    )
    assert.deepEqual(
      columns.map(({ name }) => name),
      sealedColumns.map(({ table, column }) => `${table}.${column}`).sort(),
    )
    const tables = new Set((await values()).map(({ table, column }) => `${table}.${column}`))
    assert.equal(tables.size, sealedColumns.length)
  })

  it("is refused without the one before, and nothing is changed", async () => {
    const before = await values()
    const refused = await runChild({ ...settings(auth.db), ...ONLY_NEW })
    assert.match(refused.output, /^KEY_ENCRYPTION_SECRET is not the one that signing key/m)
    const { code, errors } = await runKeys(auth.db, ["reencrypt"], ONLY_NEW)
    assert.equal(code, 1)
    assert.match(errors, /No secret that was given opens these/)
    assert.match(errors, new RegExp(`auth[.]totp_factors[.]sealed_secret of ${person.user.id}`))
    assert.deepEqual(await values(), before)
  })

  it("works beside the one before, seals all anew by command, and then works alone", async () => {
    // As in a roll-out: an old process and a new one, over the same rows.
    const next = await auth.another(BOTH)
    const tokens = await signInFully({ ...auth, ...next }, person)
    await me(auth, tokens.access_token).expect(200)
    await me(next, person.access_token).expect(200)
    const enrolled = await secured({ ...auth, ...next })

    const { code, output } = await runKeys(auth.db, ["reencrypt"], BOTH)
    assert.equal(code, 0)
    assert.match(output, /^auth[.]signing_keys[.]private_jwk_sealed: 1 sealed anew$/m)
    assert.match(output, /^auth[.]totp_factors[.]sealed_secret: 1 sealed anew$/m)
    await opens(NEW)()
    await assert.rejects(opens(OLD)())
    const again = await runKeys(auth.db, ["reencrypt"], ONLY_NEW)
    assert.equal(again.code, 0)
    assert.doesNotMatch(again.output, /[1-9]\d* sealed anew/)

    const alone = await auth.another(ONLY_NEW)
    for (const each of [person, enrolled]) {
      const { access_token } = await signInFully({ ...auth, ...alone }, each)
      await me(alone, access_token).expect(200)
      await me(next, access_token).expect(200)
    }
    // What was sealed of the audit stays under the secret of its time.
    assert.deepEqual([await verifyAudit(BOTH), await verifyAudit(ONLY_NEW)], [0, 3])
  })
})
