import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { serviceToken, userToken } from "../support/auth-server.js"
import { type Bundle, type Person, person, setup, walk } from "../support/setup.js"

const FOREIGN_ID = "5f7c1a2b3c4d5e6f70818293"

// check 108, check 109
describe("whose battery it is", () => {
  let service: Bundle
  let owner: Person
  let stranger: Person

  before(async () => {
    service = await setup()
    owner = await person(service, { external_id: FOREIGN_ID })
    stranger = await person(service)
    await owner.record(walk(-20)).expect(201)
  })
  after(() => service.stop())

  /** Each call for a battery, under somebody's token. */
  async function callAll(userId: string, token: string | undefined) {
    const path = `/social-battery/${userId}`
    const headers = { ...(token && { Authorization: `Bearer ${token}` }) }
    return [
      await service.http.get(path).set(headers),
      await service.http.get(`${path}/activity`).set(headers),
      await service.http.post(`${path}/record`).set(headers).send(walk(0)),
    ]
  }
  const stored = () =>
    service.db.query("select user_id, level from social_battery.batteries order by user_id")

  const callers: Record<string, { token: () => Promise<string | undefined>; statuses: number[] }> = {
    "the owner": { token: async () => owner.token, statuses: [200, 200, 201] },
    "the owner from another app": {
      token: () => userToken(owner.id, { client_id: "movr" }),
      statuses: [200, 200, 201],
    },
    "another person": { token: async () => stranger.token, statuses: [403, 403, 403] },
    "another person with the owner's address": {
      token: () => userToken(randomUUID(), { email: "person@example.com" }),
      statuses: [403, 403, 403],
    },
    "another person with roles": {
      token: () => userToken(randomUUID(), { roles: ["admin"] }),
      statuses: [403, 403, 403],
    },
    "the owner by way of an app without the scope": {
      token: () => userToken(owner.id, { scope: "notifications:read" }),
      statuses: [403, 403, 403],
    },
    "a service": { token: () => serviceToken(), statuses: [403, 403, 403] },
    "a service with the scope": { token: () => serviceToken("account"), statuses: [403, 403, 403] },
    "a service called as the owner": {
      token: () => userToken(owner.id, { sid: undefined }),
      statuses: [401, 401, 401],
    },
    nobody: { token: async () => undefined, statuses: [401, 401, 401] },
    "the owner with an ID token": { token: () => userToken(owner.id, {}, "JWT"), statuses: [401, 401, 401] },
    "the owner with a token for another API": {
      token: () => userToken(owner.id, { aud: "https://other.example" }),
      statuses: [401, 401, 401],
    },
  }

  for (const [who, { token, statuses }] of Object.entries(callers)) {
    it(`${who} gets ${statuses.join(", ")}`, async () => {
      const earlier = await stored()
      for (const userId of [owner.id, ...(who === "the owner" ? [FOREIGN_ID] : [])]) {
        const answers = await callAll(userId, await token())
        assert.deepEqual(
          answers.map(({ status }) => status),
          statuses,
        )
        for (const { body, status } of answers.filter(({ status }) => status >= 400)) {
          assert.deepEqual(Object.keys(body), ["error", "detail", "status_code"])
          assert.deepEqual([body.status_code, typeof body.detail.message], [status, "string"])
        }
      }
      assert.deepEqual(await stored(), earlier)
    })
  }

  it("somebody's own is one battery, by the id of the import and by today's", async () => {
    const { body: recorded } = await owner.record(walk(-5), { userId: FOREIGN_ID }).expect(201)
    assert.deepEqual([recorded.user_id, recorded.level], [FOREIGN_ID, 25])
    for (const userId of [owner.id, FOREIGN_ID]) {
      const { body } = await owner.read(userId).expect(200)
      assert.deepEqual([body.user_id, body.level], [userId, 25])
      const page = await owner.activity({ limit: 1 }, userId).expect(200)
      assert.deepEqual([page.body.items[0].id, page.body.items[0].user_id], [recorded.id, userId])
    }
    assert.deepEqual(await service.db.query("select user_id, level from social_battery.batteries"), [
      { user_id: owner.id, level: 25 },
    ])
  })

  it("an id of the import that is another's today leads to one's own, and never to theirs", async () => {
    const impostor = await person(service, { external_id: owner.id })
    const { body } = await impostor.record(walk(-1), { userId: owner.id }).expect(201)
    assert.equal(body.level, 49)
    assert.equal((await owner.read()).body.level, 25)
  })

  it("an id of the import that is no text is nobody's", async () => {
    for (const external_id of ["", 7, true, null, [FOREIGN_ID], { id: FOREIGN_ID }]) {
      const caller = await person(service, { external_id })
      for (const userId of [FOREIGN_ID, "7", "true", "null", "undefined"])
        await caller.read(userId).expect(403)
      await caller.read().expect(200)
    }
  })

  it("a refusal tells nothing of what there is: a stranger's, and nobody's", async () => {
    const answers = [await stranger.read(owner.id), await stranger.read(randomUUID())]
    assert.deepEqual(answers[0]?.body, answers[1]?.body)
    assert.equal(answers[0]?.body.error, "battery_not_yours")
  })

  it("is asked before the body is read", async () => {
    const { body } = await stranger.record({ energy_change: "much" }, { userId: owner.id }).expect(403)
    assert.equal(body.error, "battery_not_yours")
  })
})
