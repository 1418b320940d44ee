import assert from "node:assert/strict"
import { generateSync } from "otplib"
import { logIn, newEmail, register, type Tokens } from "./people.js"
import type { AuthProcess, Bundle } from "./setup.js"

/** Somebody who signs in with codes from an app. */
export interface SecuredPerson extends Tokens {
  email: string
  secret: string
  recovery_codes: string[]
}

/** The code of a step: this one, or so many after it. */
export const codeOf = (secret: string, steps = 0): string =>
  generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + 30 * steps })

/** So that a code is still of the step that it was made for when it is looked at. */
export async function awayFromTheEndOfAStep(): Promise<void> {
  const left = 30_000 - (Date.now() % 30_000)
  if (left < 1_500) await new Promise((resolve) => setTimeout(resolve, left))
}

/** A code that is surely wrong, now and around. */
export function wrongCode(secret: string): string {
  const near = [-2, -1, 0, 1, 2].map((steps) => codeOf(secret, steps))
  return (
    ["000000", "111111", "222222", "333333", "444444", "555555"].find((code) => !near.includes(code)) ?? ""
  )
}

export const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` })

export const post = ({ http }: AuthProcess, path: string, token?: string, body: object = {}) =>
  http
    .post(`/v1${path}`)
    .set(token ? bearer(token) : {})
    .send(body)

/** Somebody whose address is verified, signed in just now. */
export async function verified(auth: Bundle, email = newEmail()): Promise<Tokens & { email: string }> {
  const tokens = await register(auth, email)
  await auth.db.query("update auth.accounts set email_verified_at = now() where id = ?", [tokens.user.id])
  return { ...tokens, email }
}

/** Somebody who has just turned codes on. */
export async function secured(auth: Bundle): Promise<SecuredPerson> {
  const person = await verified(auth)
  const begun = await post(auth, "/users/me/mfa/totp", person.access_token).expect(200)
  const { secret } = begun.body
  const code = codeOf(secret)
  const { body } = await post(auth, "/users/me/mfa/totp/confirm", person.access_token, { code }).expect(200)
  await unuse(auth, person.user.id)
  return { ...body, email: person.email, secret }
}

/** As if the codes of now had not been used: they come once in 30 seconds. */
export const unuse = (auth: Bundle, accountId: string) =>
  auth.db.query("update auth.totp_factors set last_step = 0 where account_id = ?", [accountId])

/** As if nobody had tried any. */
export const untry = (auth: Bundle, accountId: string) =>
  auth.db.query("delete from auth.second_factor_tries where account_id = ?", [accountId])

/** The first half of a sign-in. */
export async function challengeOf(auth: AuthProcess, email: string): Promise<string> {
  const { body } = await logIn(auth, email).expect(403)
  assert.equal(body.code, "mfa.required")
  return body.mfa.challenge
}

export const answer = (auth: AuthProcess, challenge: string, body: object) =>
  post(auth, "/auth/login/mfa", undefined, { challenge, ...body })

/** A whole sign-in with a code. */
export async function signInFully(auth: Bundle, person: SecuredPerson, more: object = {}): Promise<Tokens> {
  await unuse(auth, person.user.id)
  const challenge = await challengeOf(auth, person.email)
  const { body } = await answer(auth, challenge, { code: codeOf(person.secret), ...more }).expect(200)
  await unuse(auth, person.user.id)
  return body
}

export const eventsOf = async (auth: Bundle, accountId: string): Promise<string[]> => {
  const rows = await auth.db.query<{ event: string }>(
    "select event from auth.audit_events where account_id = ? order by id",
    [accountId],
  )
  return rows.map(({ event }) => event)
}
