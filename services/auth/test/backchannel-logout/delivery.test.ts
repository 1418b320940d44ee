import assert from "node:assert/strict"
import type { ServerResponse } from "node:http"
import { until } from "@gatepost/testkit"
import { logIn, logOut, register } from "../support/people.js"
import type { Answer } from "./support/receiver.js"
import { setupTold, type ToldBundle } from "./support/told.js"

const DAY = 86_400

// check 94: delivered from the outbox, for a day.
describe("the delivery of a logout", () => {
  let auth: ToldBundle

  before(async () => {
    auth = await setupTold()
  })
  afterEach(async () => {
    await auth.settled()
    await auth.db.query("delete from auth.backchannel_logouts")
    auth.receiver.arrivals.length = 0
  })
  after(() => auth.stop())

  const row = async () => (await auth.rows())[0] ?? assert.fail("there is no row")

  /** Somebody signs out of an app, which answers like this. */
  async function logoutAnswered(answer: Answer, clientId = "web"): Promise<void> {
    auth.receiver.answer(clientId, answer)
    const { body } = await auth.http
      .post("/v1/auth/register")
      .set("X-Client-Id", clientId)
      .send({ email: `${clientId}-${Math.random()}@example.com`, password: "a few plain words" })
    await logOut(auth, body.access_token).expect(200)
  }

  /** Waits until so many tries are over and the next one is due in about so many seconds. */
  async function isDueIn(seconds: number, tries: number): Promise<void> {
    // Before the pause runs, the lease of 30 s does.
    const least = seconds < 40 ? 0 : Math.max(30, 0.8 * seconds - 5)
    await until(`${seconds} s after try ${tries}`, async () => {
      const [found] = await auth.db.query<{ tries: number; pause: number }>(
        "select tries, extract(epoch from due_at - now())::float as pause from auth.backchannel_logouts",
      )
      const { pause = 0 } = found ?? {}
      return found?.tries === tries && pause > least && pause < 1.2 * seconds
    })
  }

  it("ends with 200, and with the 204 that some frameworks make of it", async () => {
    await logoutAnswered(200)
    await logoutAnswered(204, "tv")
    for (const { outcome, tries } of await auth.settled())
      assert.deepEqual([outcome, tries], ["delivered", 1])
    assert.equal(auth.receiver.arrivals.length, 2)
  })

  const reset: Answer = (res) => res.destroy()
  for (const [what, answer, noted] of [
    ["a receiver that is broken", 500, "status 500"],
    ["one that is busy", 429, "status 429"],
    ["a proxy whose receiver is down", 502, "status 502"],
    ["a path that is not there yet", 404, "status 404"],
    ["an answer that means nothing here", 202, "status 202"],
    ["a connection that breaks", reset, "ECONNRESET"],
  ] as const) {
    it(`is tried again after ${what}`, async () => {
      await logoutAnswered(answer)
      await isDueIn(5, 1)
      const { outcome, last_answer, refusals } = await row()
      assert.deepEqual([outcome, last_answer, refusals], [null, noted, 0])

      auth.receiver.answer("web", 200)
      await auth.db.elapse(6)
      const [first, second] = await auth.receiver.told("web", 2)
      assert.equal(first?.claims.jti, second?.claims.jti)
      await auth.settled()
      assert.deepEqual([(await row()).outcome, (await row()).tries], ["delivered", 2])
    })
  }

  // check 122
  it("follows no redirect", async () => {
    const elsewhere = auth.receiver.uriOf("tv")
    await logoutAnswered((res) => res.writeHead(307, { Location: elsewhere }).end())
    await isDueIn(5, 1)
    assert.equal((await row()).last_answer, "status 307")
    assert.deepEqual(auth.receiver.of("tv"), [])
    auth.receiver.answer("web", 200)
    await auth.db.elapse(6)
  })

  it("is tried ever more rarely, for a day, and then given up", async function () {
    this.timeout(60_000)
    await logoutAnswered(503)
    const pauses = [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]
    for (const [index, pause] of pauses.entries()) {
      await isDueIn(pause, index + 1)
      await auth.db.elapse(pause * 1.2)
    }
    await isDueIn(900, 11)
    assert.equal((await row()).outcome, null)

    await auth.db.elapse(DAY - 600)
    await auth.settled()
    assert.deepEqual([(await row()).outcome, (await row()).tries], ["expired", 12])
    assert.equal(auth.receiver.arrivals.length, 12)
  })

  // Back-Channel Logout section 2.8
  it("that is answered with 400 is tried a few times more, and then counts as refused", async () => {
    await logoutAnswered(400)
    for (const [index, pause] of [5, 10, 20, 40].entries()) {
      await isDueIn(pause, index + 1)
      assert.equal((await row()).refusals, index + 1)
      await auth.db.elapse(pause * 1.2)
    }
    await auth.settled()
    const { outcome, tries, last_answer } = await row()
    assert.deepEqual([outcome, tries, last_answer], ["refused", 5, "status 400"])
    assert.equal(auth.receiver.arrivals.length, 5)
  })

  it("succeeds where a receiver that answered 400 comes to its senses", async () => {
    await logoutAnswered(400)
    await isDueIn(5, 1)
    auth.receiver.answer("web", 200)
    await auth.db.elapse(6)
    await auth.settled()
    assert.deepEqual([(await row()).outcome, (await row()).tries], ["delivered", 2])
  })

  it("to one receiver that never answers holds up no other, and takes four places at most", async () => {
    const open = new Set<ServerResponse>()
    let most = 0
    const hold: Answer = (res) => {
      open.add(res.on("close", () => void open.delete(res)))
      most = Math.max(most, open.size)
    }
    for (let n = 0; n < 10; n++) await logoutAnswered(hold)
    await until("its places are taken", () => open.size === 4)
    for (let n = 0; n < 10; n++) await logoutAnswered(200, "tv")
    await auth.receiver.told("tv", 10)
    const first = [...open]
    assert.equal(first.length, 4, "the slow ones were still open")

    // They are given up after five seconds, and others get their places.
    await until("the first ones are cut", () => first.every(({ destroyed }) => destroyed))
    await until("others came", () => auth.receiver.of("web").length === 8)
    const noted = (await auth.rows()).filter(
      ({ client_id, last_answer }) => client_id === "web" && last_answer,
    )
    assert.deepEqual(new Set(noted.map(({ last_answer }) => last_answer)), new Set(["ETIMEDOUT"]))
    assert.equal(most, 4)
    auth.receiver.answer("web", 200)
    for (const res of open) res.writeHead(200).end()
    await auth.db.elapse(30)
  })

  it("is the later try's alone where an earlier one comes back after its lease", async () => {
    const held: ServerResponse[] = []
    await logoutAnswered((res) => held.push(res))
    await until("it is tried", () => held.length === 1)
    await auth.db.elapse(31)
    await until("it is tried again", () => held.length === 2)
    held[0]?.writeHead(400).end()
    await until("its answer has come", () => held[0]?.closed === true)
    held[1]?.writeHead(200).end()
    await auth.settled()
    const { outcome, tries, refusals } = await row()
    assert.deepEqual([outcome, tries, refusals], ["delivered", 2, 0])
  })

  it("is over with the status, whatever body comes after it", async () => {
    const endless: Answer = (res) => {
      res.writeHead(200)
      const pour = () => void (res.destroyed || res.write("x".repeat(1_000), () => setImmediate(pour)))
      pour()
    }
    const stuck: Answer = (res) => void res.writeHead(200).write("x")
    await logoutAnswered(endless)
    await logoutAnswered(stuck, "tv")
    for (const { outcome } of await auth.settled()) assert.equal(outcome, "delivered")
  })

  it("is shared by several processes, and each logout is told once", async () => {
    for (let n = 0; n < 3; n++) await auth.another()
    const { access_token, user } = await register(auth)
    for (let n = 0; n < 79; n++) await logIn(auth, user.email).expect(200)
    auth.receiver.answer("web", 200)
    // Of one commit, so that all of them want all of it at once.
    await auth.http.delete("/v1/auth/sessions").set("Authorization", `Bearer ${access_token}`).expect(200)

    const rows = await auth.settled()
    for (const { outcome, tries } of rows) assert.deepEqual([outcome, tries], ["delivered", 1])
    const told = auth.receiver.arrivals.map(({ claims }) => claims.sid)
    assert.deepEqual(told.sort(), rows.map(({ session_id }) => session_id).sort())
    assert.equal(told.length, 80)
  })
})
