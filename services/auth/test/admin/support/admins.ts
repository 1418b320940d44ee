import assert from "node:assert/strict"
import { randomToken, sha256 } from "@gatepost/runtime"
import type supertest from "supertest"
import { logIn, register, type Tokens } from "../../support/people.js"
import { askForToken, basic } from "../../support/service-client.js"
import { type Bundle, setup } from "../../support/setup.js"

export interface AdminBundle extends Bundle {
  admin: ReturnType<typeof supertest>
  adminUrl: string
}

/** A whole auth service with its admin port. */
export async function setupWithAdminPort(env: Record<string, string> = {}): Promise<AdminBundle> {
  const { admin, adminUrl, ...auth } = await setup({ AUTH_ADMIN_PORT: "0", ...env })
  assert.ok(admin && adminUrl)
  return { ...auth, admin, adminUrl }
}

export interface Person extends Tokens {
  id: string
  email: string
}

/** Somebody who has just registered, with a verified address unless it is said otherwise. */
export async function person(auth: Bundle, { verified = true } = {}): Promise<Person> {
  const tokens = await register(auth)
  const { id, email } = tokens.user
  if (verified) await auth.db.query("update auth.accounts set email_verified_at = now() where id = ?", [id])
  return { ...tokens, id, email }
}

/** Somebody with a role of this installation, given behind the API's back. */
export async function staff(auth: Bundle, role = "admin", clientId = "*"): Promise<Person> {
  const someone = await person(auth)
  await auth.db.query("insert into auth.role_grants (account_id, client_id, role) values (?, ?, ?)", [
    someone.id,
    clientId,
    role,
  ])
  const tokens = (await logIn(auth, someone.email).expect(200)).body
  return { ...someone, ...tokens }
}

export const claimsOf = (token: string): Record<string, unknown> & { scope: string; sid: string } =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString())

export const bearer = ({ access_token }: { access_token: string }) =>
  ["Authorization", `Bearer ${access_token}`] as const

/** The events of a kind in the audit, the oldest first. */
export const audited = ({ db }: Bundle, event: string) =>
  db.query<{ account_id: string | null; client_id: string | null; detail: Record<string, unknown> }>(
    "select account_id, client_id, detail from auth.audit_events where event = ? order by id",
    [event],
  )

let number = 0

/** The access token of a new service client, made behind the API's back. */
export async function clientToken(auth: Bundle, scopes: readonly string[]): Promise<string> {
  const [id, secret] = [`client-${++number}`, randomToken()]
  await auth.db.query(
    `insert into auth.service_clients (client_id, client_name, scopes, token_endpoint_auth_method)
     values (:id, :id, :scopes, 'client_secret_basic')`,
    { id, scopes: [...scopes] },
  )
  await auth.db.query(
    `insert into auth.service_client_secrets (client_id, secret_hash, expires_at)
     values (:id, :hash, now() + interval '1 day')`,
    { id, hash: sha256(secret) },
  )
  const form = { grant_type: "client_credentials", scope: scopes.join(" ") }
  const answer = await askForToken(auth, form, basic(id, secret))
  assert.equal(answer.status, 200, answer.text)
  return answer.body.access_token
}
