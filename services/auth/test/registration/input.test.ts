import assert from "node:assert/strict"
import { newEmail, PASSWORD } from "../support/people.js"
import { type Bundle, setup } from "../support/setup.js"

describe("what registration takes", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup()
  })
  after(() => auth.stop())

  const post = (body: object) => auth.http.post("/v1/auth/register").send(body)

  async function refuses(body: Record<string, unknown>, pointer: string): Promise<void> {
    const answer = await post(body)
    assert.equal(answer.status, 400, `${JSON.stringify(body)} gave ${answer.status}`)
    assert.equal(answer.body.code, "request.invalid")
    assert.deepEqual(pointersOf(answer.body), [pointer])
  }

  // check 27
  it("refuses what is no plain address, and queues nothing for it", async () => {
    const [earlier] = await auth.db.query("select count(*)::int as mails from mail.messages")
    for (const email of [
      '"evil@x.io x"@gp.test',
      "a@[127.0.0.1]",
      "a@[IPv6:::1]",
      "a@x.io,b@y.io",
      "a@x.io;b@y.io",
      "a@x.io\r\nBcc:b@y.io",
      "A <a@x.io>",
      "g:a@x.io;",
      "a@localhost",
      "a@x.io.",
      "a@x..io",
      "a@-x.io",
      "a@x.io-",
      "a..b@x.io",
      ".a@x.io",
      "a.@x.io",
      "a@b@x.io",
      "a%b@x.io",
      "a b@x.io",
      "a(comment)@x.io",
      "@x.io",
      "a@",
      "",
      `${"a".repeat(65)}@x.io`,
      `a@${"b".repeat(64)}.io`,
      `a@${"b.".repeat(126)}io`,
    ]) {
      await refuses({ email, password: PASSWORD }, "/email")
    }
    const [later] = await auth.db.query("select count(*)::int as mails from mail.messages")
    assert.deepEqual(later, earlier)
  })

  it("takes unusual addresses that are sound", async () => {
    const labels = `${"b".repeat(60)}.`.repeat(3)
    for (const email of [
      "o'neil+tag/x=y@mail.example.com",
      `${"a".repeat(64)}@x.io`,
      "a@xn--bcher-kva.example",
      `aaaa@${labels}co`,
      "  trimmed@example.com\t",
    ]) {
      const { body } = await post({ email, password: PASSWORD }).expect(201)
      assert.equal(body.user.email, email.trim())
    }
  })

  // check 31, check 34
  it("takes passwords from 8 to 256 characters, whatever they are made of", async () => {
    for (const password of ["short77", "👍".repeat(7), "a".repeat(257), "👍".repeat(257), ""]) {
      await refuses({ email: newEmail(), password }, "/password")
    }
    for (const password of [
      "vwqzkjxy",
      "👍".repeat(8),
      "x".repeat(256),
      "👍".repeat(256),
      "        ",
      "Vwq Zkjxy",
    ]) {
      await post({ email: newEmail(), password }).expect(201)
    }
  })

  // check 30
  it("takes names of any people, and none that is invisible or a link", async () => {
    for (const name of [
      "",
      "   ",
      "a".repeat(101),
      "evil\u202Egnp",
      "\u200B\u200B",
      "\u200D",
      "a\u0007b",
      "a\nb",
    ]) {
      await refuses({ email: newEmail(), password: PASSWORD, name }, "/name")
    }
    for (const name of ["https://evil.example click", "see www.evil.example"]) {
      await refuses({ email: newEmail(), password: PASSWORD, name }, "/name")
    }
    for (const name of [
      "Zoë",
      "Nguyễn Văn A",
      "李",
      "O'Brien-Smith",
      "<b>Bo</b>",
      "👩‍🚀 Ada",
      "علی‌رضا",
      "𝒦".repeat(100),
    ]) {
      const { body } = await post({ email: newEmail(), password: PASSWORD, name }).expect(201)
      assert.equal(body.user.name, name)
    }
  })

  it("names every faulty field at once", async () => {
    const answer = await post({ email: "nobody", password: "short", name: "" }).expect(400)
    assert.deepEqual(pointersOf(answer.body), ["/email", "/name", "/password"])
    for (const { message } of answer.body.errors) assert.match(message, /^must /)
  })
})

function pointersOf(body: { errors: { pointer: string }[] }): string[] {
  return [...new Set(body.errors.map(({ pointer }) => pointer))].sort()
}
