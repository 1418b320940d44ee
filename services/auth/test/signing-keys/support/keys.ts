import { fileURLToPath } from "node:url"
import type { TestDatabase } from "@gatepost/testkit"
import { startScript } from "../../support/script.js"
import { serviceToken } from "../../support/service-client.js"
import { type AuthProcess, settings } from "../../support/setup.js"

const COMMAND = fileURLToPath(import.meta.resolve("#src/keys.js"))

/** Runs `npm run keys -- …` as an operator does, with the settings of the processes. */
export function runKeys(db: TestDatabase, args: string[], env: Record<string, string> = {}) {
  return runKeysIn({ ...settings(db), ...env }, args)
}

export const runKeysIn = (env: Record<string, string>, args: string[]) =>
  startScript(COMMAND, env, args).result

export const kidOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()).kid

/** The kids that a process publishes, in their order. */
export async function publishedKids({ http }: AuthProcess): Promise<string[]> {
  const { body } = await http.get("/.well-known/jwks.json").expect(200)
  return body.keys.map(({ kid }: { kid: string }) => kid)
}

/** The key that a process's OpenID Provider signs with. */
export const signingKid = async (auth: AuthProcess) => kidOf(await serviceToken(auth))

/**
 * Lets time pass for the keys alone, also under load, where moving all rows could meet the transactions of
 * requests in a deadlock.
 */
export const elapseForKeys = (db: TestDatabase, seconds: number) =>
  changeKeys(
    db,
    `update auth.signing_keys set created_at = created_at - make_interval(secs => :seconds),
       activates_at = activates_at - make_interval(secs => :seconds),
       retires_at = retires_at - make_interval(secs => :seconds)`,
    { seconds },
  )

/** Changes the stored keys, and has every process read them. */
export async function changeKeys(db: TestDatabase, sql: string, bindings: Record<string, unknown> = {}) {
  await db.database.transaction(async (trx) => {
    await trx.raw("select pg_advisory_xact_lock(hashtext('auth.signing_keys'))")
    await trx.raw(sql, bindings as never)
    await trx.raw("select pg_notify('auth_signing_keys', '')")
  })
}

export interface StoredKey {
  kid: string
  created_at: Date
  activates_at: Date
  retires_at: Date | null
  sealed: Buffer | null
}

/** The keys in the database, the oldest first. */
export const storedKeys = (db: TestDatabase) =>
  db.query<StoredKey>(
    "select kid, created_at, activates_at, retires_at, private_jwk_sealed as sealed from auth.signing_keys order by number",
  )

/** The audit events of the keys, the oldest first. */
export const keyEvents = (db: TestDatabase) =>
  db.query<{ event: string; detail: Record<string, unknown>; ip: string | null }>(
    "select event, detail, ip from auth.audit_events where event like 'signing-key.%' order by id",
  )
