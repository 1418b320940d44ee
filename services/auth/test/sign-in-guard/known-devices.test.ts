import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { logIn, newEmail, PASSWORD } from "../support/people.js"
import { type AuthProcess, type Bundle, setup } from "../support/setup.js"

// SECURITY.md section 2, "Lockout policy": behind a proxy, so that callers have addresses.
describe("wrong passwords for somebody's account", function () {
  this.timeout(60_000)
  let auth: Bundle
  let other: AuthProcess

  before(async () => {
    auth = await setup({ RATE_LIMITS: "on", TRUSTED_PROXY_HOPS: "1" })
    other = await auth.another()
  })
  after(() => auth.stop())

  let network = 0
  /** In a network of its own. */
  const elsewhere = () => `10.${++network >> 8}.${network & 255}.7`
  const tryFrom = (
    ip: string,
    email: string,
    password: string,
    more: object = {},
    process = auth as AuthProcess,
  ) => logIn(process, email, password).send(more).set("X-Forwarded-For", ip)
  const mailsTo = async (email: string, kind: string) =>
    (await auth.mails()).filter((mail) => mail.recipient === email && mail.kind === kind)

  async function registerFrom(ip: string, email = newEmail()): Promise<string> {
    await auth.http
      .post("/v1/auth/register")
      .set("X-Forwarded-For", ip)
      .send({ email, password: PASSWORD })
      .expect(201)
    return email
  }

  // checks 40 and 43
  it("from 500 addresses keep its owner out neither by their device nor at home, and let no stranger in", async () => {
    const home = elsewhere()
    const email = await registerFrom(home)
    const kept = (await tryFrom(home, email, PASSWORD, { device_token: null }).expect(200)).body.device_token
    assert.match(kept, /^[\w-]{43}$/)

    const addresses = Array.from({ length: 500 }, elsewhere)
    const attack = async () => {
      for (let index = 0; index < addresses.length; index += 20) {
        const batch = addresses.slice(index, index + 20)
        const answers = await Promise.all(
          batch.map((ip, turn) => tryFrom(ip, email, "not the password", {}, turn % 2 ? auth : other)),
        )
        for (const { status } of answers) assert.ok([401, 503].includes(status), String(status))
      }
    }
    const owner = async () => {
      for (let round = 0; round < 4; round++) {
        await persevere(() => tryFrom(elsewhere(), email, PASSWORD, { device_token: kept }))
        await persevere(() => tryFrom(home, email, PASSWORD))
        // Let some strangers by: a success of the owner starts the row anew.
        if (round < 3) await new Promise((resolve) => setTimeout(resolve, 300))
      }
    }
    await Promise.all([attack(), owner()])

    await auth.db.query("update auth.rate_limits set points = 100 where key like 'sign-in account %'")
    const stranger = elsewhere()
    const answer = await tryFrom(stranger, email, PASSWORD)
    assert.deepEqual([answer.status, answer.body.code], [401, "session.credentials-invalid"])
    await tryFrom(home, email, PASSWORD).expect(200)
  })

  const persevere = async (attempt: () => ReturnType<typeof tryFrom>) => {
    for (let round = 0; round < 20; round++) {
      const { status } = await attempt()
      if (status === 200) return
      assert.equal(status, 503, "the owner is refused for what strangers do")
    }
    assert.fail("the hashing lane is never free")
  }

  // checks 40 and 41
  it("make the owner be asked, once an hour, about a stranger with the right one", async () => {
    const email = await registerFrom(elsewhere())
    await auth.db.query(
      `insert into auth.rate_limits (key, points, expire)
       select 'sign-in account ' || id, 100, extract(epoch from now()) * 1000 + 1e6 from auth.accounts where email = ?`,
      [email],
    )
    const away = elsewhere()
    await tryFrom(away, email, PASSWORD).expect(401)
    await tryFrom(elsewhere(), email, PASSWORD).expect(401)
    assert.equal((await mailsTo(email, "approve-sign-in")).length, 1)
    assert.equal((await mailsTo(email, "new-sign-in")).length, 0)

    const token = await auth.tokenFromMail("approve-sign-in")
    const page = await auth.http.get(`/approve-sign-in?token=${token}`).set("Accept", "text/html").expect(200)
    assert.match(page.text, /<button>/)
    await tryFrom(away, email, PASSWORD).expect(401)
    const answers = await race(16, () => auth.http.post("/v1/auth/sign-in-approval").send({ token }))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    await tryFrom(elsewhere(), email, PASSWORD).expect(401)
    await tryFrom(away, email, PASSWORD).expect(200)
    // The owner is back, so strangers may try again.
    await tryFrom(elsewhere(), email, PASSWORD).expect(200)
  })

  // checks 39 and 46
  it("are ten in a quarter of an hour for one person from one address, known or not", async () => {
    const email = await registerFrom(elsewhere())
    const statuses = async (to: string) => {
      const ip = elsewhere()
      const list: number[] = []
      for (let index = 0; index < 12; index++) {
        const { status, headers } = await tryFrom(ip, to, "not the password", {}, index % 2 ? auth : other)
        list.push(status)
        if (status === 429) assert.ok(Number(headers["retry-after"]) > 0)
      }
      return list
    }
    const expected = [...Array(10).fill(401), 429, 429]
    assert.deepEqual(await statuses(email), expected)
    assert.deepEqual(await statuses(newEmail()), expected)
  })

  // check 42
  it("count for the address in whatever letters", async () => {
    const ip = elsewhere()
    const email = newEmail()
    const spellings = [email, email.toUpperCase(), ` ${email} `, email.replace("person", "Person")]
    for (let index = 0; index < 10; index++)
      await tryFrom(ip, spellings[index % 4] ?? email, "not the password").expect(401)
    for (const spelling of spellings) await tryFrom(ip, spelling, "not the password").expect(429)
  })

  // check 43
  it("are three hundred an hour from one network, whoever is tried", async () => {
    const inNetwork = (index: number) => `192.0.2.${index % 250}`
    await auth.db.query(
      `insert into auth.rate_limits (key, points, expire)
       values ('sign-in network 192.0.2.0', 299, extract(epoch from now()) * 1000 + 1e6)`,
    )
    await tryFrom(inNetwork(1), newEmail(), PASSWORD).expect(401)
    await tryFrom(inNetwork(2), newEmail(), PASSWORD).expect(429)
    await tryFrom("192.0.3.1", newEmail(), PASSWORD).expect(401)
  })

  // check 39
  it("with a device's own secret are ten as well, and no other device's matter", async () => {
    const home = elsewhere()
    const email = await registerFrom(home)
    const ask = async () =>
      (await tryFrom(home, email, PASSWORD, { device_token: null }).expect(200)).body.device_token
    const [one, two] = [await ask(), await ask()]
    const guess = (device_token: string) => tryFrom(elsewhere(), email, "not the password", { device_token })
    for (let index = 0; index < 10; index++) await guess(one).expect(401)
    await guess(one).expect(429)
    const again = await tryFrom(elsewhere(), email, PASSWORD, { device_token: two }).expect(200)
    assert.equal(again.body.device_token, undefined, "a known device keeps its secret")
    // Somebody else's device is no device of theirs.
    const stranger = await registerFrom(elsewhere())
    await tryFrom(home, stranger, PASSWORD, { device_token: two }).expect(200)
    assert.equal((await mailsTo(stranger, "new-sign-in")).length, 1)
  })

  // check 45
  it("or right ones from a new place are told to the owner, and from a known one not", async () => {
    const home = elsewhere()
    const email = await registerFrom(home)
    await tryFrom(home, email, PASSWORD).expect(200)
    await tryFrom(home.replace(/7$/, "9"), email, PASSWORD).expect(200)
    assert.equal((await mailsTo(email, "new-sign-in")).length, 0)
    const away = elsewhere()
    await tryFrom(away, email, PASSWORD).set("User-Agent", "evil.example/1.0 (click)").expect(200)
    await tryFrom(away, email, PASSWORD).expect(200)
    const mails = await mailsTo(email, "new-sign-in")
    assert.equal(mails.length, 1)
    assert.deepEqual(mails[0]?.payload, { ...mails[0]?.payload, device: "Unknown device", ip: away })
  })

  // check 39: counted before the work, or a burst gets through.
  it("are no more than their number in a burst", async () => {
    const ip = elsewhere()
    const email = await registerFrom(elsewhere())
    const answers = await race(60, (index) =>
      tryFrom(ip, email, "not the password", {}, index % 2 ? auth : other),
    )
    const compared = answers.filter(({ status }) => status !== 429)
    assert.ok(compared.length <= 10, `${compared.length} of 60 reached the password`)
  })

  it("never refuse a sign-in that succeeds, however often", async () => {
    const home = elsewhere()
    const email = await registerFrom(home)
    for (let index = 0; index < 25; index++) await tryFrom(home, email, PASSWORD).expect(200)
  })
})
