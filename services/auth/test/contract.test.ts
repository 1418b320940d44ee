import { randomUUID } from "node:crypto"
import { serviceScopes } from "@gatepost/contracts"
import { randomToken, sha256 } from "@gatepost/runtime"
import { type ContractTarget, describeContract, type GoodInput } from "@gatepost/testkit"
import { type RouteParts, routes } from "#src/routes.js"
import { clientToken } from "./admin/support/admins.js"
import { CLIENTS } from "./oidc/support/apps.js"
import { newNonce, type SocialBundle, setupSocial } from "./social/support/setup.js"
import { askForEmail, confirmByLink, moving, proofsTo, undoTokenTo } from "./support/email-changes.js"
import { codesFromMails } from "./support/mails.js"
import { newEmail, PASSWORD, register } from "./support/people.js"
import { challengeOf, codeOf, post, secured, verified } from "./support/second-factors.js"
import type { Bundle } from "./support/setup.js"
import { assertPasskey, createPasskey, type SoftwarePasskey } from "./support/software-authenticator.js"

// Handlers are not called through these, so they need nothing to work with.
describeContract({
  name: "the auth service",
  routes: routes({} as RouteParts, { minLength: 8 }),
  start,
})

async function start(): Promise<ContractTarget> {
  const auth = await setupSocial()
  const { url, db, stop } = auth
  const email = newEmail()
  let known: Record<string, unknown> = {}
  const meet = async () => {
    const { user, access_token } = await verified(auth, email)
    passkeyOf.set(auth, (await addPasskey(auth, access_token)).passkey)
    await auth.db.query(
      "insert into auth.role_grants (account_id, client_id, role) values (?, '*', 'support')",
      [user.id],
    )
    const [row] = await db.query<Record<string, unknown>>(
      "select id, email, password_hash from auth.accounts where id = ?",
      [user.id],
    )
    known = row ?? {}
  }
  await meet()
  return {
    url,
    db,
    stop,
    async token(kind) {
      if (kind === "service") return clientToken(auth, serviceScopes)
      // Some calls change what the next one signs in with, and one leaves nobody to sign in.
      const there = await db.query(
        "update auth.accounts set email = :email, password_hash = :password_hash where id = :id returning id",
        known,
      )
      if (there.length === 0) await meet()
      await setTotp(auth, email, "off")
      return logInAgain(auth, email)
    },
    good: async (route) => (await goodInput[route]?.(auth, email)) ?? {},
  }
}

/** The one by which the person of these tests signs in: it is all that any call asks for. */
const passkeyOf = new WeakMap<Bundle, SoftwarePasskey>()

const optionsAt = async (auth: Bundle, path: string, token?: string) =>
  (await post(auth, path, token).expect(200)).body.public_key

async function logInAgain(auth: Bundle, _email: string): Promise<string> {
  const passkey = passkeyOf.get(auth)
  if (!passkey) throw new Error("the person of these tests has no passkey")
  const credential = assertPasskey(passkey, await optionsAt(auth, "/auth/login/passkey/options"))
  return (await post(auth, "/auth/login/passkey", undefined, { credential }).expect(200)).body.access_token
}

async function addPasskey(auth: Bundle, token: string) {
  const { passkey, credential } = createPasskey(await optionsAt(auth, "/users/me/passkey-options", token))
  const { body } = await post(auth, "/users/me/passkeys", token, { credential }).expect(201)
  return { passkey, id: body.id as string }
}

/** A further one of theirs, in place of what there is besides the first. */
async function anotherPasskey(auth: Bundle, email: string): Promise<GoodInput> {
  await fewPasskeys(auth)
  return { params: { id: (await addPasskey(auth, await logInAgain(auth, email))).id } }
}

const fewPasskeys = (auth: Bundle) =>
  auth.db.query(
    "delete from auth.passkeys where id not in (select id from auth.passkeys order by created_at limit 1)",
  )

async function setTotp(auth: Bundle, email: string, state: "on" | "off"): Promise<GoodInput> {
  await auth.db.query(
    `delete from auth.totp_factors
     where account_id = (select id from auth.accounts where email = ?) and confirmed_at is not null`,
    [email],
  )
  if (state === "on") {
    await auth.db.query(
      `insert into auth.totp_factors (account_id, sealed_secret, sealed_by, confirmed_at)
       select id, 'nothing', 'nobody', now() from auth.accounts where email = ?
       on conflict (account_id) do update set confirmed_at = now()`,
      [email],
    )
  }
  return {}
}

/** As if they had opened the link of the mail, and not linked too much before. */
async function asVerified({ db }: Bundle, email: string): Promise<void> {
  await db.query("update auth.accounts set email_verified_at = now() where email = ?", [email])
  await db.query("delete from auth.identities")
}

/** Of somebody whom nobody knows yet. */
async function idToken({ google }: SocialBundle) {
  const nonce = newNonce()
  const id_token = await google.idToken({ sub: nonce, email: newEmail(), email_verified: true, nonce })
  return { id_token, nonce }
}

const provider = { provider: "google" }

const goodInput: Record<string, (auth: SocialBundle, email: string) => Promise<GoodInput>> = {
  "post /auth/register": async () => ({ body: { email: newEmail(), password: PASSWORD, name: "Kim" } }),
  "post /auth/login": async (auth, email) => {
    await setTotp(auth, email, "off")
    return { body: { email, password: PASSWORD } }
  },
  "post /auth/login/mfa": async (auth) => {
    const { email, secret } = await secured(auth)
    return { body: { challenge: await challengeOf(auth, email), code: codeOf(secret) } }
  },
  "post /auth/login/mfa/passkey": async (auth) => {
    const { email } = await secured(auth)
    return { body: { challenge: await challengeOf(auth, email) } }
  },
  "post /auth/step-up": async () => ({ body: { password: PASSWORD } }),
  "post /users/me/mfa/totp/confirm": async (auth, email) => {
    const { body } = await post(auth, "/users/me/mfa/totp", await logInAgain(auth, email)).expect(200)
    return { body: { code: codeOf(body.secret) } }
  },
  "delete /users/me/mfa/totp": (auth, email) => setTotp(auth, email, "on"),
  "post /users/me/mfa/recovery-codes": (auth, email) => setTotp(auth, email, "on"),
  "post /auth/login/passkey": async (auth) => {
    const passkey = passkeyOf.get(auth) as SoftwarePasskey
    const credential = assertPasskey(passkey, await optionsAt(auth, "/auth/login/passkey/options"))
    return { body: { credential } }
  },
  "post /users/me/passkeys": async (auth, email) => {
    await fewPasskeys(auth)
    const token = await logInAgain(auth, email)
    const made = await optionsAt(auth, "/users/me/passkey-options", token)
    return { body: { credential: createPasskey(made).credential } }
  },
  "patch /users/me/passkeys/{id}": async (auth, email) => ({
    ...(await anotherPasskey(auth, email)),
    body: { name: "My key" },
  }),
  "delete /users/me/passkeys/{id}": anotherPasskey,
  "post /auth/refresh": async (auth) => {
    const { refresh_token } = await register(auth)
    return { body: { refresh_token } }
  },
  "post /auth/verify-email": async (_, email) => ({ body: { email } }),
  "get /auth/verify-email/{token}": async (auth) => {
    await register(auth)
    return { params: { token: await auth.tokenFromMail("verify-email") } }
  },
  "post /auth/send-verification-code": async (_, email) => ({ body: { email } }),
  "post /auth/verify-otp": async (auth) => {
    const { user } = await register(auth)
    const [otp = ""] = await codesFromMails(auth, "verify-email", user.email)
    return { body: { email: user.email, otp } }
  },
  "delete /auth/sessions/{id}": async (auth, email) => {
    const [, claims = ""] = (await logInAgain(auth, email)).split(".")
    return { params: { id: JSON.parse(Buffer.from(claims, "base64url").toString()).sid } }
  },
  "post /auth/forgot-password": async (_, email) => ({ body: { email } }),
  "post /auth/reset-password": async (auth) => {
    const { user } = await register(auth)
    await auth.http.post("/v1/auth/forgot-password").send({ email: user.email }).expect(200)
    return { body: { token: await auth.tokenFromMail("reset-password"), new_password: PASSWORD } }
  },
  "put /users/me": async () => ({ body: { name: "Kim" } }),
  "patch /users/me": async () => ({ body: { name: "Kim" } }),
  "post /users/me/password": async () => ({
    body: { current_password: PASSWORD, new_password: `${PASSWORD} and more` },
  }),
  "post /users/me/email": async () => ({ body: { new_email: newEmail(), password: PASSWORD } }),
  "post /users/me/email/confirm": async (auth, email) => {
    const to = newEmail()
    await askForEmail(auth, await logInAgain(auth, email), to).expect(200)
    return { body: { otp: (await proofsTo(auth, to)).code } }
  },
  "post /auth/email-change/confirm": async (auth) => ({ body: { token: (await moving(auth)).token } }),
  "post /auth/email-change/undo": async (auth) => {
    const { from, token } = await moving(auth)
    await confirmByLink(auth, token).expect(200)
    return { body: { token: await undoTokenTo(auth, from) } }
  },
  "post /auth/sign-in-approval": async (auth, email) => {
    const token = randomToken()
    await auth.db.query(
      `insert into auth.sign_in_approvals (token_hash, account_id, device_key, expires_at)
       select :hash, id, :hash, now() + interval '1 hour' from auth.accounts where email = :email`,
      { hash: sha256(token), email },
    )
    return { body: { token } }
  },
  "delete /users/me": async () => ({ body: { password: PASSWORD } }),
  "post /auth/account-deletion/withdraw": async (auth) => {
    const token = randomToken()
    const { user } = await register(auth)
    await auth.db.query(
      `insert into auth.account_deletions (account_id, token_hash, client_id, due_at)
       values (:id, :hash, 'jobswipe', now() + interval '1 hour')`,
      { id: user.id, hash: sha256(token) },
    )
    return { body: { token } }
  },
  "post /auth/guest": async () => ({ body: {} }),
  "post /users/me/upgrade": async ({ db }, email) => {
    await db.query("update auth.accounts set email = id || '@guest.invalid' where email = ?", [email])
    return { body: { email: newEmail(), password: PASSWORD } }
  },
  "post /auth/sign-in-link": async (_, email) => ({ body: { email } }),
  "post /auth/sign-in-link/confirm": async (auth) => {
    const { user } = await register(auth)
    const { body } = await auth.http.post("/v1/auth/sign-in-link").send({ email: user.email }).expect(200)
    return { body: { request_token: body.request_token, token: await auth.tokenFromMail("sign-in-link") } }
  },
  "post /auth/social/{provider}": async (auth) => ({ params: provider, body: await idToken(auth) }),
  "post /users/me/identities/{provider}/start": async () => ({
    params: provider,
    body: { redirect_uri: CLIENTS.web.redirectUri },
  }),
  "post /users/me/identities/{provider}/link": async (auth, email) => {
    await asVerified(auth, email)
    return { params: provider, body: await idToken(auth) }
  },
  "delete /users/me/identities/{id}": async (auth, email) => {
    const id = randomUUID()
    await auth.db.query(
      `insert into auth.identities (id, account_id, provider, issuer, subject, upstream_client_id)
       select :id, id, 'google', 'https://accounts.google.com', :id, 'web' from auth.accounts where email = :email`,
      { id, email },
    )
    return { params: { id } }
  },
  "get /users/lookup": async (_, email) => ({ query: { email } }),
  "post /auth/admin-invitation": async (auth) => {
    await auth.db.query("delete from auth.role_grants where role = 'admin'")
    const token = randomToken()
    await auth.db.query(
      "insert into auth.admin_invitations (token_hash, email, expires_at) values (?, ?, now() + interval '1 hour')",
      [sha256(token), newEmail()],
    )
    return { body: { token, new_password: PASSWORD } }
  },
  "post /api-keys": async (auth) => {
    await auth.db.query("delete from auth.api_keys")
    return { body: { name: "a program", scopes: ["users:read"] } }
  },
  "post /api-keys/{id}/rotate": async (auth, email) => ({
    params: { id: (await newKey(auth, email)).id },
    body: { overlap_seconds: 0 },
  }),
  "delete /api-keys/{id}": async (auth, email) => ({ params: { id: (await newKey(auth, email)).id } }),
  "post /auth/verify-api-key": async (auth, email) => ({
    body: { api_key: (await newKey(auth, email)).api_key },
  }),
  "get /revocations": async () => ({ query: { after: "0" } }),
}

async function newKey(auth: Bundle, email: string): Promise<{ id: string; api_key: string }> {
  await auth.db.query("delete from auth.api_keys")
  const body = { name: "a program", scopes: ["users:read"] }
  const token = await logInAgain(auth, email)
  return (await auth.http.post("/v1/api-keys").set("Authorization", `Bearer ${token}`).send(body).expect(201))
    .body
}
