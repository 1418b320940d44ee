import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { openCommonPasswords } from "#src/modules/passwords/index.js"
import { logIn, newEmail, PASSWORD, register } from "../support/people.js"
import { type Bundle, setup } from "../support/setup.js"

const LEAKED = "a phrase that leaked"

// check 32
describe("a password that is easily guessed", () => {
  let auth: Bundle
  let hibp: Server
  const asked: string[] = []
  let answer: () => string | undefined = () => ""

  before(async () => {
    hibp = createServer((req, res) => {
      asked.push(req.url ?? "")
      const text = answer()
      if (text !== undefined) res.end(text)
    }).listen(0, "127.0.0.1")
    await once(hibp, "listening")
    const { port } = hibp.address() as AddressInfo
    auth = await setup({ BREACHED_PASSWORDS_URL: `http://127.0.0.1:${port}/range/` })
  })
  after(async () => {
    await auth.stop()
    hibp.closeAllConnections()
    hibp.close()
  })

  const choose = (password: string, email = newEmail(), name?: string) =>
    auth.http.post("/v1/auth/register").send({ email, password, ...(name && { name }) })

  it("is none of the hundred thousand that are tried first, which are here, whoever is away", () => {
    const common = openCommonPasswords()
    assert.ok(common.size >= 100_000, String(common.size))
    for (const password of ["12345678", "iloveyou", "qwertyuiop", "baseball", "PASSWORD", "trustno1"])
      assert.ok(common.has(password), password)
    let taken = 0
    for (let index = 0; index < 50_000; index++) if (common.has(`${index} fine phrases ${index * 7}`)) taken++
    assert.ok(taken <= 12, `${taken} of 50,000 phrases are taken for common ones`)
  })

  it("can't be chosen, whatever stands around it", async () => {
    const refused = [
      "12345678",
      "passwordpassword",
      "Password1!",
      "p4ssw0rd",
      "gatepostgatepost",
      "ｐａｓｓｗｏｒｄ",
    ]
    for (const password of refused) {
      const { status, body } = await choose(password)
      assert.equal(status, 400, password)
      assert.equal(body.errors[0].pointer, "/password")
      assert.match(body.errors[0].message, /tried first|is made of/)
    }
    for (const password of ["correct horse battery staple", "dragon boats on a lake", "  café Ångström  "])
      await choose(password).expect(201)
  })

  it("is made of the person's name, their address or the app's name", async () => {
    const email = `rosalinde.${newEmail()}`
    for (const password of [email, "rosalinde1958", "Franklin-42", "jobswipe2026"])
      assert.equal((await choose(password, email, "Rosalinde Franklin")).status, 400, password)
  })

  it("can't be chosen later either, and the link of the mail stays good", async () => {
    const { access_token, user } = await register(auth)
    await auth.http
      .post("/v1/users/me/password")
      .set("Authorization", `Bearer ${access_token}`)
      .send({ current_password: PASSWORD, new_password: "password123" })
      .expect(400)
    await auth.http.post("/v1/auth/forgot-password").send({ email: user.email }).expect(200)
    const token = await auth.tokenFromMail("reset-password")
    const reset = (new_password: string) =>
      auth.http.post("/v1/auth/reset-password").send({ token, new_password })
    await reset("iloveyou").expect(400)
    await logIn(auth, user.email).expect(200)
    await reset("quite another phrase").expect(200)
  })

  it("was in a breach, as a service says that learns five digits of its hash", async () => {
    const rest = createHash("sha1").update(LEAKED).digest("hex").toUpperCase().slice(5)
    answer = () => `${"0".repeat(35)}:7\r\n${rest}:3\r\n${"F".repeat(35)}:0`
    const { status, body } = await choose(LEAKED)
    assert.equal(status, 400)
    assert.match(body.errors[0].message, /data breach/)
    assert.match(asked.at(-1) ?? "", /^\/range\/[0-9A-F]{5}$/)
    answer = () => `${rest}:0`
    await choose(LEAKED).expect(201)
  })

  it("is taken where that service is away, fails or hangs", async () => {
    answer = () => undefined
    const started = Date.now()
    await choose("a phrase nobody asked about").expect(201)
    assert.ok(Date.now() - started < 5_000)
    answer = () => "<html>"
    await choose("a phrase nobody asked about").expect(201)
  })
})
