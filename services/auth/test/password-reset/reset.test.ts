import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { countMails, tokensFromMails } from "../support/mails.js"
import { logIn, me, newEmail, PASSWORD, refresh, register } from "../support/people.js"
import { type AuthProcess, type Bundle, setup } from "../support/setup.js"

const NEW_PASSWORD = "quite another password"

describe("password reset", () => {
  let auth: Bundle
  let other: AuthProcess

  before(async () => {
    auth = await setup()
    other = await auth.another()
  })
  after(() => auth.stop())

  const forget = (email: string, clientId = "jobswipe") =>
    auth.http.post("/v1/auth/forgot-password").set("X-Client-Id", clientId).send({ email })
  const reset = ({ http }: AuthProcess, token: string, new_password = NEW_PASSWORD) =>
    http.post("/v1/auth/reset-password").send({ token, new_password })

  async function personWithLinks(count = 1) {
    const person = await register(auth)
    for (let link = 0; link < count; link++) await forget(person.user.email).expect(200)
    return { ...person, links: await tokensFromMails(auth, "reset-password", person.user.email) }
  }

  // check 56
  it("mails links of the app's own templates, whatever place the request names", async () => {
    const places = [
      "https://localhost:8000.evil.io",
      "https://localhost@evil.io",
      "//evil.io",
      "/\\evil.io",
      "https:evil.io",
      "javascript:alert(1)",
      "localhost%2eevil.io",
      "com.evil:/cb",
      "https://evil.io.",
      "ht\ttps://evil.io\n",
    ]
    const { user } = await register(auth)
    for (const place of places) {
      const named = {
        redirect: place,
        redirect_to: place,
        redirect_uri: place,
        callback_url: place,
        link: place,
      }
      await auth.http
        .post("/v1/auth/forgot-password")
        .query({ redirect: place, redirect_uri: place })
        .set("X-Client-Id", "movr")
        .set("Origin", "https://evil.io")
        .set("Referer", "https://evil.io/")
        .send({ email: user.email, ...named })
        .expect(200)
    }
    const links = (await auth.mails()).filter(({ kind }) => kind === "reset-password")
    assert.equal(links.length, places.length)
    for (const { payload } of links)
      assert.match(String(payload.link), /^movr:\/\/reset-password\?token=[\w-]{43}$/)
  })

  // check 54
  it("sets the new password, and ends everything that the old one had opened", async () => {
    const { user, links, ...first } = await personWithLinks(2)
    const { body: second } = await logIn(auth, user.email)
    const { body: renewed } = await refresh(auth, first.refresh_token)

    const { body } = await reset(auth, links[0] ?? "").expect(200)
    assert.deepEqual(body, { message: "Password reset successfully", email: user.email })

    for (const process of [auth, other]) {
      for (const { access_token } of [first, second, renewed]) await me(process, access_token).expect(401)
      for (const tokens of [first, second, renewed]) await refresh(process, tokens.refresh_token).expect(401)
    }
    await logIn(auth, user.email, PASSWORD).expect(401)
    await logIn(auth, user.email, NEW_PASSWORD).expect(200)
    await reset(auth, links[1] ?? "", "a third password").expect(400)
    await logIn(auth, user.email, NEW_PASSWORD).expect(200)
  })

  it("tells the owner by mail, records it, and takes the address for verified", async () => {
    const { user, links } = await personWithLinks()
    const answer = await reset(auth, links[0] ?? "").expect(200)

    assert.equal(await countMails(auth, "password-changed", user.email), 1)
    const events = await auth.db.query(
      "select event from auth.audit_events where account_id = ? and request_id = ? order by event",
      [user.id, answer.headers["x-request-id"]],
    )
    assert.deepEqual(events, [{ event: "password.reset" }, { event: "session.ended" }])
    const { body } = await logIn(auth, user.email, NEW_PASSWORD)
    assert.equal(body.user.email_verified, true)
  })

  // check 52
  it("takes a link once, of 16 parallel uses over two processes", async () => {
    const { user, links } = await personWithLinks()
    const answers = await race(16, (index) =>
      reset(index % 2 ? auth : other, links[0] ?? "", `${NEW_PASSWORD} ${index}`),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(15).fill(400)])
    const winner = answers.findIndex(({ status }) => status === 200)
    await logIn(auth, user.email, `${NEW_PASSWORD} ${winner}`).expect(200)
    assert.equal(await countMails(auth, "password-changed", user.email), 1)
  })

  it("takes one of two links that are used at the same moment", async () => {
    const { user, links } = await personWithLinks(2)
    const answers = await race(2, (index) => reset(index ? auth : other, links[index] ?? ""))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400])
    assert.equal(await countMails(auth, "password-changed", user.email), 1)
  })

  // check 16, check 52
  it("changes no password for a token that is made up, spent, expired or somebody's session", async () => {
    const { user, links, refresh_token, access_token } = await personWithLinks(2)
    const [row] = await auth.db.query<{ password_hash: string }>(
      "select password_hash from auth.accounts where id = ?",
      [user.id],
    )
    await auth.db.elapse(3_601)
    for (const token of [...links, refresh_token, access_token, "made up", "' or 1=1--"]) {
      const { body } = await reset(auth, token).expect(400)
      assert.match(body.code, /^password\.reset-token-(invalid|expired)$|^request\.invalid$/)
    }
    assert.deepEqual(await auth.db.query("select password_hash from auth.accounts where id = ?", [user.id]), [
      row,
    ])
    await logIn(auth, user.email).expect(200)
  })

  it("takes a link for an hour", async () => {
    const { links } = await personWithLinks()
    await auth.db.elapse(3_570)
    await reset(auth, links[0] ?? "").expect(200)
  })

  // check 57: nobody can end another's link by asking again.
  it("keeps the newest three links, so that asking again cancels none of them", async () => {
    const { links } = await personWithLinks(4)
    assert.equal(links.length, 4)
    await reset(auth, links[0] ?? "").expect(400)
    await reset(auth, links[1] ?? "").expect(200)

    const next = await personWithLinks(3)
    await reset(auth, next.links[0] ?? "").expect(200)
    await reset(auth, next.links[2] ?? "").expect(400)
  })

  it("refuses a weak password, and leaves the link as it was", async () => {
    const { links } = await personWithLinks()
    const { body } = await reset(auth, links[0] ?? "", "short").expect(400)
    assert.equal(body.errors[0].pointer, "/new_password")
    await reset(auth, links[0] ?? "").expect(200)
  })

  it("stores no token", async () => {
    const { links } = await personWithLinks()
    const rows = await auth.db.query(
      `select 1 from auth.password_resets r where r::text like :token
       union all select 1 from mail.messages m where m::text like :token`,
      { token: `%${links[0]}%` },
    )
    assert.deepEqual(rows, [])
  })

  it("resets nothing for an account that was disabled meanwhile", async () => {
    const { user, links } = await personWithLinks()
    await auth.db.query("update auth.accounts set disabled_at = now() where id = ?", [user.id])
    await reset(auth, links[0] ?? "").expect(400)
    assert.equal(await countMails(auth, "password-changed", user.email), 0)
  })

  // check 24
  it("answers the same for every address, and sends only where there is an account", async () => {
    const { user } = await register(auth)
    const disabled = await register(auth)
    await auth.db.query("update auth.accounts set disabled_at = now() where id = ?", [disabled.user.id])
    const unknown = newEmail()

    const answers = new Set<string>()
    for (const email of [user.email.toUpperCase(), disabled.user.email, unknown]) {
      const { status, text } = await forget(email)
      answers.add(`${status} ${text}`)
    }
    assert.deepEqual([...answers], ['200 {"message":"If the email exists, a reset link has been sent"}'])
    const sent = (email: string) => countMails(auth, "reset-password", email)
    assert.deepEqual(
      await Promise.all([sent(user.email), sent(disabled.user.email), sent(unknown)]),
      [1, 0, 0],
    )
    await logIn(auth, user.email).expect(200)
  })

  // check 26: a dotless i is another letter, and no mail leaves for either address.
  it("sends nothing to a look-alike of a known address", async () => {
    await register(auth, "mike@example.com")
    const { status } = await forget("m\u0131ke@example.com")
    assert.equal(status, 400)
    assert.equal(await countMails(auth, "reset-password", "mike@example.com"), 0)
  })

  it("sends each app's own link, from its own address", async () => {
    const { user } = await register(auth, undefined, "Grace Hopper")
    await forget(user.email, "movr").expect(200)
    await forget(user.email, "jobswipe").expect(200)
    const mails = (await auth.mails()).filter(
      ({ kind, recipient }) => kind === "reset-password" && recipient === user.email,
    )
    const [movr, jobswipe] = mails.map(({ payload }) => payload)
    assert.match(String(movr?.link), /^movr:\/\/reset-password\?token=[\w-]{43}$/)
    assert.deepEqual([movr?.app.name, movr?.app.from], ["Movr", "hello@movr.example"])
    assert.equal(movr?.greeting_name, "Grace")
    assert.match(
      String(jobswipe?.link),
      /^http:\/\/localhost:8000\/reset-password\?client_id=jobswipe&token=[\w-]{43}$/,
    )
    assert.equal(jobswipe?.app.name, "JobSwipe")
  })
})
