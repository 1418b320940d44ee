import assert from "node:assert/strict"
import { BROWSER, tokensFromMails } from "../support/mails.js"
import { logIn, register } from "../support/people.js"
import { type Bundle, PUBLIC_URL, setup } from "../support/setup.js"

const NEW_PASSWORD = "quite another password"

describe("the page behind a reset link", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup()
  })
  after(() => auth.stop())

  async function newLink() {
    const { user } = await register(auth)
    await auth.http.post("/v1/auth/forgot-password").send({ email: user.email }).expect(200)
    const [token = ""] = await tokensFromMails(auth, "reset-password", user.email)
    return { email: user.email, token }
  }

  const open = (token: string) => auth.http.get("/reset-password").query({ token }).set("Accept", BROWSER)
  const submit = (form: Record<string, string>) =>
    auth.http.post("/reset-password").set("Accept", BROWSER).type("form").send(form)

  it("is a form that works without JavaScript, and opening it changes nothing", async () => {
    const { email, token } = await newLink()
    for (let time = 0; time < 3; time++) {
      const { text } = await open(token).expect(200)
      assert.match(text, new RegExp(`<input type="hidden" name="token" value="${token}">`))
      assert.match(text, /<form method="post" action="\/reset-password">/)
      assert.doesNotMatch(text, /<script/)
    }
    await logIn(auth, email).expect(200)

    const done = await submit({ token, new_password: NEW_PASSWORD }).expect(200)
    assert.match(done.text, /Password changed/)
    await logIn(auth, email, NEW_PASSWORD).expect(200)
    await open(token).expect(400)
    await submit({ token, new_password: NEW_PASSWORD }).expect(400)
  })

  it("says what is wrong with a password, and keeps the link", async () => {
    const { email, token } = await newLink()
    const { text } = await submit({ token, new_password: "short" }).expect(400)
    assert.match(text, /role="alert"/)
    assert.doesNotMatch(text, /value="short"/)
    await submit({ token, new_password: NEW_PASSWORD }).expect(200)
    await logIn(auth, email, NEW_PASSWORD).expect(200)
  })

  // check 3, check 49
  it("loads nothing from elsewhere, and tells nobody where it was", async () => {
    const { token } = await newLink()
    const { headers, text } = await open(token)
    assert.equal(headers["referrer-policy"], "no-referrer")
    assert.equal(headers["cache-control"], "no-store")
    assert.match(String(headers["content-security-policy"]), /default-src 'none'.*form-action 'self'/)
    assert.doesNotMatch(text, /(src|href|action)="(?!\/[^/])/)
  })

  it("answers links and forms that are none with a page that says so", async () => {
    for (const query of ["", "?token=", "?token=a&token=b", "?token=%00", "?token=<script>", "?token[x]=1"]) {
      const { status, text } = await auth.http.get(`/reset-password${query}`).set("Accept", BROWSER)
      assert.equal(status, 400, query)
      assert.doesNotMatch(text, /<script>/)
    }
    for (const form of [
      "",
      "token=a",
      "token=a&token=b&new_password=x",
      "token=%00&new_password=long+enough",
    ]) {
      const { status } = await auth.http.post("/reset-password").type("form").send(form)
      assert.equal(status, 400, form)
    }
    const { token } = await newLink()
    await submit({ token, new_password: "x".repeat(300) }).expect(400)
    await submit({ token, new_password: "x".repeat(5_000) }).expect(413)
    // Half a character and a NUL can't be typed, only sent.
    const odd = await auth.http
      .post("/reset-password")
      .type("form")
      .send(`token=${token}&new_password=long%00enough`)
    assert.equal(odd.status, 400)
  })

  it("is in the clothes of the app that the link names, and so is the mail that is asked for there", async () => {
    const { user } = await register(auth)
    const ask = (clientId: string) => auth.http.get("/forgot-password").query({ client_id: clientId })
    assert.match((await ask("movr").expect(200)).text, /Movr/)
    assert.doesNotMatch((await ask("nobody").expect(200)).text, /class="app"/)

    await auth.http
      .post("/forgot-password?client_id=movr")
      .set("Origin", PUBLIC_URL)
      .type("form")
      .send({ email: user.email })
      .expect(200, /Movr/)
    const mails = await auth.mails()
    assert.equal(mails.findLast(({ recipient }) => recipient === user.email)?.payload.app.name, "Movr")

    const { token } = await newLink()
    const page = await open(token).query({ client_id: "movr" }).expect(200)
    assert.match(page.text, /action="\/reset-password\?client_id=movr"/)

    const form = { token, new_password: NEW_PASSWORD }
    await auth.http.post("/reset-password?client_id=movr").type("form").send(form).expect(200, /Movr/)
    const notice = (await auth.mails()).findLast(({ kind }) => kind === "password-changed")
    assert.equal(notice?.payload.app.name, "Movr")
  })
})
