import assert from "node:assert/strict"
import { type TestDatabase, testDatabase } from "@gatepost/testkit"
import { runChild } from "../support/child.js"
import { settings } from "../support/setup.js"
import { writeApps } from "./support/apps.js"

describe("an app that can't be an OAuth client", () => {
  let db: TestDatabase

  before(async () => {
    db = await testDatabase()
  })
  after(() => db.drop())

  it("is refused at the start, with the reason, beside every other", async () => {
    const apps = await writeApps({
      web: { redirect_uris: ["localhost:5173 callback"] },
      basic: { client_secret: undefined },
      post: { grant_types: ["authorization-code"] },
      native: { redirect_uris: ["com.example.native:/callback#fragment"] },
      partner: { post_logout_redirect_uris: ["nowhere"] },
    })
    const { code, output } = await runChild({ ...settings(db), APPS_FILE: apps.file, DEFAULT_APP: "web" })
    await apps.remove()
    assert.equal(code, 1)
    const [line = ""] = output.split("\n").filter((text) => text.startsWith("APPS_FILE can't be used: "))
    assert.deepEqual(line.replace("APPS_FILE can't be used: ", "").split("; "), [
      "web: redirect_uris must only contain web uris",
      "basic: client_secret is mandatory property",
      "post: grant_types can only contain 'authorization_code', 'refresh_token', 'client_credentials', or 'urn:ietf:params:oauth:grant-type:device_code'",
      "native: redirect_uris must not contain fragments",
      "partner: post_logout_redirect_uris must only contain valid uris",
    ])
    assert.doesNotMatch(output, /^ {4}at /m)
  })
})
