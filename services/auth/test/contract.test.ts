import { serviceScopes } from "@gatepost/contracts"
import { randomToken, sha256 } from "@gatepost/runtime"
import { type ContractTarget, describeContract, type GoodInput } from "@gatepost/testkit"
import { type RouteParts, routes } from "#src/routes.js"
import { clientToken } from "./admin/support/admins.js"
import { askForEmail, confirmByLink, moving, proofsTo, undoTokenTo } from "./support/email-changes.js"
import { codesFromMails } from "./support/mails.js"
import { logIn, newEmail, PASSWORD, register } from "./support/people.js"
import { type Bundle, setup } from "./support/setup.js"

// Handlers are not called through these, so they need nothing to work with.
describeContract({
  name: "the auth service",
  routes: routes({} as RouteParts, { minLength: 8 }),
  start,
})

async function start(): Promise<ContractTarget> {
  const auth = await setup()
  const { url, db, stop } = auth
  const { user } = await register(auth)
  await auth.db.query("update auth.accounts set email_verified_at = now() where id = ?", [user.id])
  await auth.db.query(
    "insert into auth.role_grants (account_id, client_id, role) values (?, '*', 'support')",
    [user.id],
  )
  const [known] = await db.query("select id, email, password_hash from auth.accounts where id = ?", [user.id])
  return {
    url,
    db,
    stop,
    async token(kind) {
      if (kind === "service") return clientToken(auth, serviceScopes)
      // Some calls change what the next one signs in with.
      await db.query(
        "update auth.accounts set email = :email, password_hash = :password_hash where id = :id",
        known,
      )
      return logInAgain(auth, user.email)
    },
    good: async (route) => (await goodInput[route]?.(auth, user.email)) ?? {},
  }
}

const logInAgain = async (auth: Bundle, email: string): Promise<string> =>
  (await logIn(auth, email).expect(200)).body.access_token

const goodInput: Record<string, (auth: Bundle, email: string) => Promise<GoodInput>> = {
  "post /auth/register": async () => ({ body: { email: newEmail(), password: PASSWORD, name: "Kim" } }),
  "post /auth/login": async (_, email) => ({ body: { email, password: PASSWORD } }),
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
