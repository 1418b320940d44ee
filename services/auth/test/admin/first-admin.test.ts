import assert from "node:assert/strict"
import { fileURLToPath } from "node:url"
import { race } from "@gatepost/testkit"
import { logIn, me, newEmail, PASSWORD, refresh, register } from "../support/people.js"
import { startScript } from "../support/script.js"
import { askForToken, basic } from "../support/service-client.js"
import { PUBLIC_URL, settings, TOKEN } from "../support/setup.js"
import { type AdminBundle, audited, bearer, claimsOf, setupWithAdminPort } from "./support/admins.js"

const SCRIPT = fileURLToPath(import.meta.resolve("#src/admin.js"))
const NEW_PASSWORD = "quite another long one"

describe("the command for admins", () => {
  let auth: AdminBundle
  before(async () => {
    auth = await setupWithAdminPort()
  })
  after(() => auth.stop())

  const run = (...args: string[]) => startScript(SCRIPT, { ...settings(auth.db) }, args).result
  const invite = async (email: string): Promise<string> => {
    const { code, output } = await run("invite", email)
    assert.equal(code, 0)
    assert.ok(output.startsWith(`${PUBLIC_URL}/admin-invitation?token=`))
    return TOKEN.exec(output)?.[0] ?? ""
  }
  const accept = (token: string, new_password = NEW_PASSWORD) =>
    auth.http.post("/v1/auth/admin-invitation").send({ token, new_password })

  // check 28, check 32, check 113
  it("makes the first admin by a link: once, and whoever had the address before has it no more", async function () {
    this.timeout(60_000)
    assert.deepEqual(await auth.db.query("select 1 from auth.accounts"), [], "nobody is there by default")
    const squatter = await register(auth, "boss@example.com")
    const former = await invite("boss@example.com")
    const token = await invite("Boss@Example.com")
    assert.equal((await accept(former)).body.code, "admin-invitation.invalid")
    await accept(token, "short").expect(400)
    await accept(token, "passwordpassword").expect(400)

    const answers = await race(16, async () => (await accept(token)).status)
    assert.equal(answers.filter((status) => status === 200).length, 1)
    assert.ok(answers.every((status) => status === 200 || status === 400))
    await me(auth, squatter.access_token).expect(401)
    await refresh(auth, squatter.refresh_token).expect(401)
    await logIn(auth, "boss@example.com", PASSWORD).expect(401)
    const boss = (await logIn(auth, "boss@example.com", NEW_PASSWORD).expect(200)).body
    assert.deepEqual(claimsOf(boss.access_token).roles, ["admin"])
    await auth.admin
      .get("/v1/admin/users")
      .set(...bearer(boss))
      .expect(200)
    assert.equal((await audited(auth, "admin.accepted")).length, 1)

    const again = await run("invite", "other@example.com")
    assert.deepEqual([again.code, again.output], [1, ""])
    assert.match(again.errors, /^There is an admin already/)
  })

  it("has a page for the link, which works without JavaScript", async () => {
    await auth.db.query("delete from auth.role_grants")
    const email = newEmail()
    const token = await invite(email)
    const page = await auth.http
      .get(`/admin-invitation?token=${token}`)
      .set("Accept-Language", "de")
      .expect(200)
    assert.ok(page.text.includes(email) && page.text.includes("Verwalter"))
    const send = (new_password: string) =>
      auth.http.post("/admin-invitation").type("form").send({ token, new_password })
    await send("short").expect(400)
    const guessed = await send("passwordpassword").expect(400)
    assert.ok(guessed.text.includes("new_password"), "they may choose another one")
    await send(NEW_PASSWORD).expect(200)
    await send(NEW_PASSWORD).expect(400)
    await auth.http.get(`/admin-invitation?token=${token}`).expect(400)
    assert.deepEqual(claimsOf((await logIn(auth, email, NEW_PASSWORD)).body.access_token).roles, ["admin"])
  })

  it("makes, rotates and revokes clients and keys, and says what it can't do", async function () {
    this.timeout(60_000)
    const made = await run(
      "client",
      "create",
      "cron",
      "--scope",
      "notifications:write",
      "--scope",
      "users:read",
    )
    const secret = /gpc_[\w-]{43}/.exec(made.output)?.[0] ?? ""
    const tokenOf = () =>
      askForToken(auth, { grant_type: "client_credentials", scope: "users:read" }, basic("cron", secret))
    await tokenOf().expect(200)
    const { output } = await run("client", "list")
    assert.match(output, /^cron {2}client_secret_basic {2}notifications:write users:read {2}until /)
    assert.ok(!output.includes(secret))

    const { output: shown } = await run("key", "create", "nightly", "--scope", "users:read", "--days", "7")
    const key = /gp_test_[\w-]+/.exec(shown)?.[0] ?? ""
    await auth.admin
      .get("/v1/admin/users")
      .set(...bearer({ access_token: key }))
      .expect(200)
    const id = key.split("_")[2] ?? ""
    await run("key", "revoke", id)
    await auth.admin
      .get("/v1/admin/users")
      .set(...bearer({ access_token: key }))
      .expect(401)
    await run("client", "revoke", "cron")
    await tokenOf().expect(401)

    const refused = await run("client", "create", "x", "--scope", "roles:write")
    assert.equal(refused.code, 1)
    assert.match(refused.errors, /Nothing was done/)
    assert.doesNotMatch(refused.errors, /\n {4}at /)
    assert.equal((await run("client", "create", "x")).code, 2)
  })
})
