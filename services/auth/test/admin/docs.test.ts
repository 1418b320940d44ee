import assert from "node:assert/strict"
import { PUBLIC_URL } from "../support/setup.js"
import { type AdminBundle, setupWithAdminPort } from "./support/admins.js"

describe("the documentation of the admin port", () => {
  let auth: AdminBundle

  before(async () => {
    auth = await setupWithAdminPort()
  })
  after(() => auth.stop())

  it("is where its root says, and has the admin's calls alone", async () => {
    const { body } = await auth.admin.get("/").expect(200)
    assert.equal(body.links.problems, `${PUBLIC_URL}/problems`)
    const page = await auth.admin.get(body.links.docs).expect(200)
    assert.match(String(page.headers["content-security-policy"]), /default-src 'none'/)
    for (const [, asset = ""] of page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      await auth.admin.get(asset).expect(200)
    }
    const document = await auth.admin.get(body.links.openapi).expect(200)
    const paths = Object.keys(document.body.paths)
    assert.ok(paths.length > 10 && paths.every((path) => path.startsWith("/v1/admin/")))
    await auth.admin.get("/favicon.ico").expect(200)
  })

  it("is nowhere on the public port", async () => {
    const { body } = await auth.http.get("/openapi.json").expect(200)
    assert.ok(Object.keys(body.paths).every((path) => !path.startsWith("/v1/admin/")))
  })
})
