import assert from "node:assert/strict"
import { hashSync } from "bcryptjs"
import { CLIENTS, setupProvider } from "../oidc/support/apps.js"
import { signIn } from "../oidc/support/flows.js"
import { logIn, newEmail, PASSWORD, refresh, register } from "../support/people.js"
import { authorization, exchangeCode, openBrowser } from "../support/relying-party.js"
import type { Bundle } from "../support/setup.js"
import { type Folder, makeFolder, runUsers } from "./support/users.js"

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString())

describe("the id that somebody had elsewhere", () => {
  const email = newEmail()
  const external_id = "64f0c1a2b3d4e5f607182930"
  let auth: Bundle
  let folder: Folder

  before(async () => {
    auth = await setupProvider()
    folder = makeFolder()
    const person = { email, external_id, password_hash: hashSync(PASSWORD, 4) }
    await runUsers(auth.db, ["import", folder.write("people.ndjson", [person])])
  })
  after(async () => {
    folder.remove()
    await auth.stop()
  })

  it("is a claim of their access tokens, beside the id they have here", async () => {
    const { body } = await logIn(auth, email).expect(200)
    const claims = claimsOf(body.access_token)
    assert.equal(claims.external_id, external_id)
    assert.equal(claims.sub, body.user.id)
    assert.equal(claims.user_id, body.user.id)
    const refreshed = await refresh(auth, body.refresh_token).expect(200)
    assert.equal(claimsOf(refreshed.body.access_token).external_id, external_id)
  })

  it("is a claim at the other door too", async () => {
    const request = authorization({ ...CLIENTS.web, scope: "openid account" })
    const location = await signIn(openBrowser(auth), request, email)
    const { body } = await exchangeCode(auth, request, location).expect(200)
    assert.equal(claimsOf((body as { access_token: string }).access_token).external_id, external_id)
  })

  it("is no claim of anybody else", async () => {
    const { access_token } = await register(auth)
    assert.equal("external_id" in claimsOf(access_token), false)
  })
})
