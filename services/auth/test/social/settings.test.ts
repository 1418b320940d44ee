import assert from "node:assert/strict"
import { generateKeyPairSync } from "node:crypto"
import { type TestDatabase, testDatabase } from "@gatepost/testkit"
import { writeApps } from "../oidc/support/apps.js"
import { runChild } from "../support/child.js"
import { settings } from "../support/setup.js"

const SECRET = "canary-provider-secret-4Xw8qT1nLz"

describe("the setting SOCIAL_PROVIDERS", () => {
  let db: TestDatabase

  before(async () => {
    db = await testDatabase()
  })
  after(() => db.drop())

  const start = (providers: unknown, env: Record<string, string> = {}) =>
    runChild({
      ...settings(db),
      SOCIAL_PROVIDERS: typeof providers === "string" ? providers : JSON.stringify(providers),
      ...env,
    })

  // check 119
  it("stops the start with every reason, and quotes no secret", async () => {
    const faulty = await start([
      { type: "google", client_id: "", client_secret: SECRET },
      {
        type: "oidc",
        id: "Okta!",
        name: "Okta",
        client_id: "x",
        client_secret: SECRET,
        issuer: "javascript:x",
      },
      { type: "github", client_id: "x", client_secret: SECRET, secret: SECRET },
    ])
    assert.equal(faulty.code, 1)
    assert.match(faulty.output, /^SOCIAL_PROVIDERS can't be used: .*0\.client_id.*1\.id.*1\.issuer.*secret/m)
    for (const unreadable of ["/nowhere/providers.json", `[{"client_secret": "${SECRET}"`]) {
      const { code, output } = await start(unreadable)
      assert.equal(code, 1)
      assert.match(output, /^SOCIAL_PROVIDERS must be a JSON list, or the path of a file with one$/m)
      assert.ok(!output.includes(SECRET))
    }
    assert.ok(!faulty.output.includes(SECRET))
  })

  // check 122
  it("leads to no private place, to no key that is none, and apps offer what there is", async () => {
    const oidc = { type: "oidc", id: "own", name: "Own", client_id: "x", client_secret: SECRET }
    const inside = await start([
      { ...oidc, issuer: "https://169.254.169.254" },
      { ...oidc, id: "b", issuer: "http://idp.example" },
    ])
    assert.match(inside.output, /own at https:\/\/169\.254\.169\.254: it leads to 169\.254\.169\.254/)
    assert.match(inside.output, /b at http:\/\/idp\.example: it must start with https/)

    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" })
    const apple = { type: "apple", client_id: "x", team_id: "t", key_id: "k" }
    for (const private_key of [SECRET, String(privateKey.export({ type: "pkcs8", format: "pem" }))]) {
      const { code, output } = await start([{ ...apple, private_key }])
      assert.equal(code, 1)
      assert.match(output, /^SOCIAL_PROVIDERS: the private_key of apple is no P-256 key in PEM$/m)
    }

    const apps = await writeApps({ web: { social_providers: ["google", "facebook"] } })
    const google = { type: "google", client_id: "x", client_secret: SECRET }
    const { output } = await start([google], { APPS_FILE: apps.file, DEFAULT_APP: "web" })
    await apps.remove()
    assert.match(output, /^APPS_FILE: web offers facebook, which SOCIAL_PROVIDERS doesn't have$/m)
  })
})
