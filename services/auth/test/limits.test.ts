import assert from "node:assert/strict"
import { race, testRedis } from "@gatepost/testkit"
import { logIn, newEmail, PASSWORD, register } from "./support/people.js"
import { type AuthProcess, type Bundle, setup } from "./support/setup.js"

// SECURITY.md section 2, "Rate limits": per address 20 failed sign-ins a minute, 10 registrations an hour.
for (const store of ["PostgreSQL", "Redis"]) {
  describe(`limits in ${store}, shared by two processes`, () => {
    let auth: Bundle
    let other: AuthProcess

    beforeEach(async function () {
      const REDIS_URL = store === "Redis" ? await testRedis(this) : ""
      auth = await setup({ RATE_LIMITS: "on", REDIS_URL })
      other = await auth.another()
    })
    afterEach(() => auth?.stop())

    const wrong = (process: AuthProcess, headers: Record<string, string> = {}, email = newEmail()) =>
      logIn(process, email, "not the password").set(headers)

    // check 6, check 39, check 46
    it("stop the 21st failed sign-in, whatever address the client makes up", async () => {
      const statuses: number[] = []
      for (let attempt = 0; attempt < 24; attempt++) {
        const spoofed = `198.51.100.${attempt}`
        const headers = { "X-Forwarded-For": spoofed, "X-Real-IP": spoofed, "CF-Connecting-IP": spoofed }
        const answer = await wrong(attempt % 2 ? auth : other, { ...headers, Forwarded: `for=${spoofed}` })
        statuses.push(answer.status)
        if (answer.status !== 429) continue
        assert.equal(answer.body.code, "request.too-many")
        const seconds = Number(answer.headers["retry-after"])
        assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60, String(seconds))
      }
      assert.deepEqual(statuses, [...Array(20).fill(401), ...Array(4).fill(429)])

      const addresses = await auth.db.query<{ ip: string }>(
        "select distinct host(ip) as ip from auth.audit_events",
      )
      for (const { ip } of addresses) assert.match(ip, /127\.0\.0\.1$/)
    })

    it("say the same for every address, and let nobody in", async () => {
      const { user } = await register(auth)
      for (let attempt = 0; attempt < 20; attempt++) await wrong(auth)
      const [known, unknown] = [await wrong(auth, {}, user.email), await wrong(auth)]
      assert.deepEqual([known.status, unknown.status], [429, 429])
      assert.equal(known.body.title, unknown.body.title)
      await logIn(other, user.email).expect(429)
      // Anything else goes on.
      await auth.http.get("/v1/auth/me").expect(401)
    })

    it("count no sign-in that succeeds", async () => {
      const { user } = await register(auth)
      for (let attempt = 0; attempt < 24; attempt++)
        await logIn(attempt % 2 ? auth : other, user.email).expect(200)
    })

    // check 39: counted before the work, not after, or a burst would get through.
    it("hold against a burst that comes all at once", async () => {
      const answers = await race(60, (index) => wrong(index % 2 ? auth : other))
      const compared = answers.filter(({ status }) => status === 401)
      assert.ok(compared.length <= 20, `${compared.length} of 60 reached the password`)
      assert.ok(answers.some(({ status }) => status === 429))
    })

    // check 23
    it("stop the 11th registration", async () => {
      const statuses: number[] = []
      for (let attempt = 0; attempt < 12; attempt++) {
        const body = { email: newEmail(), password: PASSWORD }
        statuses.push((await (attempt % 2 ? auth : other).http.post("/v1/auth/register").send(body)).status)
      }
      assert.deepEqual(statuses, [...Array(10).fill(201), 429, 429])
    })

    it("are the same bucket in every dialect", async () => {
      const statuses: number[] = []
      for (let attempt = 0; attempt < 21; attempt++) {
        const prefix = ["/v1", "/api/v1", ""][attempt % 3]
        const answer = await auth.http
          .post(`${prefix}/auth/login`)
          .send({ email: newEmail(), password: "wrong" })
        statuses.push(answer.status)
      }
      assert.deepEqual([...new Set(statuses)], [401, 429])
      assert.equal(statuses.at(-1), 429)
    })
  })
}

describe("the client's address behind one trusted proxy", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup({ RATE_LIMITS: "on", TRUSTED_PROXY_HOPS: "1" })
  })
  after(() => auth.stop())

  const wrong = (forwarded: string) =>
    logIn(auth, newEmail(), "not the password").set("X-Forwarded-For", forwarded)

  // check 6, M12: the last entry is the proxy's word, the ones before are the client's.
  it("is the entry that the proxy added", async () => {
    for (let attempt = 0; attempt < 20; attempt++) await wrong(`10.0.0.${attempt}, 203.0.113.1`).expect(401)
    await wrong("10.1.1.1, 203.0.113.1").expect(429)
    await wrong("203.0.113.1, 203.0.113.2").expect(401)
    const [row] = await auth.db.query("select host(ip) as ip from auth.audit_events order by id desc limit 1")
    assert.deepEqual(row, { ip: "203.0.113.2" })
  })

  it("is one for the whole /64 of an IPv6 network", async () => {
    for (let attempt = 0; attempt < 20; attempt++) await wrong(`2001:db8:1:2::${attempt}`).expect(401)
    await wrong("2001:db8:1:2:ffff::1").expect(429)
    await wrong("2001:db8:1:3::1").expect(401)
  })

  it("may be nonsense without breaking anything", async () => {
    for (const forwarded of [
      "x",
      "1.2.3.4:99999",
      "1.2.3.4:80",
      "[2001:db8::1]:80",
      "fe80::1%eth0",
      "::ffff:127.0.0.1",
      "' or 1=1--",
      ",",
      "unknown",
      "x".repeat(5_000),
    ]) {
      const { status } = await wrong(forwarded)
      assert.ok([401, 429].includes(status), `${forwarded.slice(0, 40)} gave ${status}`)
    }
    await register(auth)
  })
})
