import assert from "node:assert/strict"
import { logIn, me, newEmail, PASSWORD, refresh, type Tokens } from "../support/people.js"
import { type AuthProcess, type Bundle, setup } from "../support/setup.js"

const IN_FLIGHT = 20

// SECURITY.md section 2, the last row of "Rate limits"; checks 6 and 40
describe("an address from which nobody known is refused 300 times a minute, over two processes", () => {
  let auth: Bundle
  let other: AuthProcess
  let person: Tokens

  before(async () => {
    auth = await setup({ RATE_LIMITS: "on", TRUSTED_PROXY_HOPS: "1" })
    other = await auth.another()
  })
  after(() => auth.stop())

  const from = (ip: string, made = "10.9.8.7") => ({ "X-Forwarded-For": `${made}, ${ip}` })

  it("is stopped at both, and nobody else is, nor who is known there", async () => {
    const ip = "198.51.100.77"
    const email = newEmail()
    const registered = await auth.http
      .post("/v1/auth/register")
      .set(from(ip))
      .send({ email, password: PASSWORD })
      .expect(201)
    person = registered.body
    const paths = ["/v1/nothing", "/v1/auth/me", "/.env", "/v1/auth/verify-email/none", "/v1/auth/sessions"]
    const statuses = new Map<number, number>()
    const probe = async (count: number) => {
      let next = 0
      const prober = async () => {
        for (let attempt = next++; attempt < count; attempt = next++) {
          const { http } = attempt % 2 ? auth : other
          const { status } = await http
            .get(paths[attempt % paths.length] ?? "/")
            .set(from(ip, `10.0.${attempt >> 8}.${attempt & 255}`))
          statuses.set(status, (statuses.get(status) ?? 0) + 1)
        }
      }
      await Promise.all(Array.from({ length: IN_FLIGHT }, prober))
    }
    // A link that is none has a limit of its own, 30 in ten minutes.
    await probe(400)
    const refused = (statuses.get(404) ?? 0) + (statuses.get(401) ?? 0) + (statuses.get(400) ?? 0)
    assert.ok(refused >= 300 && refused <= 300 + IN_FLIGHT + 2, JSON.stringify([...statuses]))
    assert.ok((statuses.get(429) ?? 0) >= 1)

    for (const { http } of [auth, other]) {
      const stopped = await http.get("/v1/nothing").set(from(ip)).expect(429)
      assert.equal(stopped.body.code, "request.too-many")
      const seconds = Number(stopped.headers["retry-after"])
      assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60, String(seconds))
      // A token that is none is no way round, at a route that asks for one or not.
      const none = { ...from(ip), Authorization: "Bearer none" }
      await http.get("/v1/auth/me").set(none).expect(429)
      await http.get("/v1/nothing").set(none).expect(429)
      await http.get("/v1/nothing").set(from("203.0.113.5", ip)).expect(404)
    }
    // A neighbour who shows no token, and asks for nothing wrong.
    await auth.http.get("/.well-known/jwks.json").set(from(ip)).expect(200)
    await auth.http
      .get("/account")
      .set({ ...from(ip), Accept: "text/html" })
      .expect(200)
    await other.http.post("/v1/auth/login/passkey/options").set(from(ip)).send({}).expect(200)
    await me(other, person.access_token).set(from(ip)).expect(200)
    // Who is known may be refused for something else.
    await other.http
      .get("/v1/revocations")
      .set({ ...from(ip), Authorization: `Bearer ${person.access_token}` })
      .expect(403)
    await refresh(auth, person.refresh_token).set(from(ip)).expect(200)
    await logIn(other, email).set(from(ip)).expect(200)
    await logIn(auth, email, "wrong").set(from(ip)).expect(401)
  })
})
