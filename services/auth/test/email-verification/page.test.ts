import assert from "node:assert/strict"
import { BROWSER } from "../support/mails.js"
import { me, register } from "../support/people.js"
import { type Bundle, setup } from "../support/setup.js"

// check 49: mail scanners and previews open every link.
describe("the page behind a verification link", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup()
  })
  after(() => auth.stop())

  async function newLink(prefix = "/v1") {
    const person = await register(auth)
    const path = `${prefix}/auth/verify-email/${await auth.tokenFromMail("verify-email")}`
    const isVerified = async () => (await me(auth, person.access_token)).body.email_verified
    return { path, isVerified }
  }

  it("changes nothing by being opened, however often", async () => {
    const { path, isVerified } = await newLink()
    for (let time = 0; time < 5; time++) {
      await auth.http.head(path).expect(200)
      await auth.http.head(path).set("Accept", "*/*").expect(200)
      const page = await auth.http.get(path).set("Accept", BROWSER).expect(200)
      assert.match(page.text, /<form method="post"/)
    }
    assert.equal(await isVerified(), false)
    await auth.http.post(path).set("Accept", BROWSER).type("form").send("").expect(200)
    assert.equal(await isVerified(), true)
  })

  // check 50
  it("verifies by its button alone, and signs nobody in", async () => {
    for (const prefix of ["/v1", "/api/v1", ""]) {
      const { path, isVerified } = await newLink(prefix)
      const done = await auth.http.post(path).set("Accept", BROWSER).type("form").send("").expect(200)
      assert.match(done.text, /Email confirmed/)
      assert.doesNotMatch(done.text, /token|eyJ/)
      assert.equal(done.headers["set-cookie"], undefined)
      assert.equal(await isVerified(), true)

      const again = await auth.http.post(path).set("Accept", BROWSER).type("form").send("").expect(400)
      assert.match(again.text, /no longer works/)
    }
  })

  // check 3
  it("loads nothing from elsewhere, tells nobody where it was, and can't be framed", async () => {
    const { path } = await newLink()
    const { headers, text } = await auth.http.get(path).set("Accept", BROWSER)
    assert.match(String(headers["content-type"]), /^text\/html; charset=utf-8$/)
    assert.equal(headers["referrer-policy"], "no-referrer")
    assert.equal(headers["cache-control"], "no-store")
    assert.equal(headers["cross-origin-opener-policy"], "same-origin")
    assert.match(String(headers["content-security-policy"]), /default-src 'none'/)
    assert.match(String(headers["content-security-policy"]), /frame-ancestors 'none'/)
    assert.doesNotMatch(text, /<script|(src|href|action)="(?!\/[^/])/)
    await auth.http
      .get("/assets/pages.css")
      .expect(200)
      .expect("Content-Type", /text\/css/)
  })

  it("answers a dead or made-up link with a page, not with JSON", async () => {
    const answer = await auth.http
      .post("/v1/auth/verify-email/made-up")
      .set("Accept", BROWSER)
      .type("form")
      .send("")
      .expect(400)
    assert.match(answer.text, /no longer works/)
  })

  it("survives links that are no text", async () => {
    for (const token of ["%00", "a%00b", "%ff", "%", "x".repeat(600)]) {
      for (const method of ["get", "post"] as const) {
        const { status } = await auth.http[method](`/v1/auth/verify-email/${token}`).set("Accept", BROWSER)
        assert.ok(status < 500, `${method} ${token} gave ${status}`)
      }
    }
  })
})
