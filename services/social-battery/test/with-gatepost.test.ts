import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import supertest from "supertest"
import { type Gatepost, startGatepost } from "./support/gatepost.js"
import { walk } from "./support/setup.js"

describe("the social battery behind the gateway of `npm start`", () => {
  let gatepost: Gatepost
  let http: ReturnType<typeof supertest>

  before(async function () {
    this.timeout(60_000)
    gatepost = await startGatepost()
    http = supertest(gatepost.url)
  })
  after(() => gatepost.stop())

  async function register() {
    const json = { email: `${randomUUID()}@example.com`, password: "a fine long passphrase" }
    const { body } = await http.post("/auth/register").send(json).expect(201)
    return { id: String(body.user.id), bearer: `Bearer ${body.access_token}` }
  }

  it("knows people by the tokens of the real auth service, and shows them what is theirs", async () => {
    const [kim, stranger] = [await register(), await register()]
    const record = http.post(`/social-battery/${kim.id}/record`).set("Authorization", kim.bearer)
    assert.equal((await record.send(walk(-20)).expect(201)).body.level, 30)
    const read = (who: typeof kim) => http.get(`/social-battery/${kim.id}`).set("Authorization", who.bearer)
    assert.equal((await read(kim).expect(200)).body.level, 30)
    await read(stranger).expect(403)
    await http.get(`/social-battery/${kim.id}`).expect(401)
  })

  // check 66
  it("refuses the token of a session that has ended, though it has not expired", async () => {
    const kim = await register()
    const read = () => http.get(`/social-battery/${kim.id}`).set("Authorization", kim.bearer)
    await read().expect(200)
    await http.post("/auth/logout").set("Authorization", kim.bearer).expect(200)
    let answer = await read()
    while (answer.status === 200) {
      await sleep(10)
      answer = await read()
    }
    assert.deepEqual([answer.status, answer.body.error], [401, "token_invalid"])
  })

  it("has only its own paths", async () => {
    for (const path of ["/social-battery", "/social-battery/", "/social-battery/a/b", "/social-batteryx"])
      await http.get(path).expect(404)
    await http.get("/social-battery/openapi.json").expect(200)
  })
})
