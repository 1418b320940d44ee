import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { race } from "@gatepost/testkit"
import { type Bundle, type Interaction, type Person, person, setup, walk } from "../support/setup.js"

describe("recording an interaction", () => {
  let service: Bundle
  let kim: Person

  before(async () => {
    service = await setup()
  })
  after(() => service.stop())
  beforeEach(async () => {
    kim = await person(service)
  })

  const levelOf = async (somebody: Person): Promise<number> => (await somebody.read().expect(200)).body.level
  const activityOf = async (somebody: Person): Promise<Interaction[]> =>
    (await somebody.activity({ limit: 100 }).expect(200)).body.items
  const newKey = () => `key-${randomUUID()}`

  it("starts at 50, tells the record with the new level, and leaves it in battery and activity", async () => {
    const { body: untouched } = await kim.read().expect(200)
    assert.deepEqual([untouched.user_id, untouched.level], [kim.id, 50])
    assert.ok(!Number.isNaN(Date.parse(untouched.updated_at)))
    assert.deepEqual(
      await service.db.query("select 1 from social_battery.batteries where user_id = ?", [kim.id]),
      [],
    )

    const sent = { interaction_type: "party", energy_change: -20, note: "loud" }
    const { body } = await kim.record(sent).expect(201)
    const { id, created_at, ...told } = body
    assert.deepEqual(told, { ...sent, user_id: kim.id, level: 30 })
    assert.deepEqual((await kim.read()).body, { user_id: kim.id, level: 30, updated_at: created_at })
    assert.deepEqual(await activityOf(kim), [body])
    assert.match(id, /^[0-9a-f-]{36}$/)
  })

  it("keeps the level within 0 and 100", async () => {
    const levels: number[] = []
    for (const change of [-30, -30, 1000, 0, -1, -1000, 7])
      levels.push((await kim.record(walk(change)).expect(201)).body.level)
    assert.deepEqual(levels, [20, 0, 100, 100, 99, 0, 7])
    const changes = (await activityOf(kim)).map(({ energy_change }) => energy_change)
    assert.deepEqual(changes, [7, -1000, -1, 0, 1000, -30, -30])
  })

  it("loses nothing of 16 at once, the first ever: each level is the one before and its change", async () => {
    const answers = await race(16, (index) => kim.record(walk(index % 2 ? 3 : -2)))
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]))
    assert.equal(await levelOf(kim), 50 + 8 * 3 - 8 * 2)
    let level = 50
    for (const item of (await activityOf(kim)).reverse()) {
      level += item.energy_change
      assert.equal(item.level, level)
    }
    const times = (await activityOf(kim)).map(({ created_at }) => created_at)
    assert.deepEqual(times, [...times].sort().reverse())
  })

  it("stays within its bounds under 16 at once", async () => {
    for (const [change, end] of [
      [40, 100],
      [-45, 0],
    ] as const) {
      const answers = await race(16, () => kim.record(walk(change)).expect(201))
      const levels = answers.map(({ body }) => body.level)
      assert.equal(levels.filter((level) => level === end).length >= 14, true, String(levels))
      assert.equal(await levelOf(kim), end)
    }
  })

  it("of one person waits for nobody else's", async () => {
    const others = await race(8, () => person(service))
    await Promise.all(others.map((other, index) => other.record(walk(index)).expect(201)))
    assert.deepEqual(await Promise.all(others.map(levelOf)), [50, 51, 52, 53, 54, 55, 56, 57])
  })

  it("takes a note or none, and trims texts", async () => {
    for (const [sent, kept] of [
      [undefined, null],
      [null, null],
      [" ", null],
      ["  it was fine \u{1f600}\n", "it was fine \u{1f600}"],
    ]) {
      const { body } = await kim.record({ ...walk(1), interaction_type: " walk ", note: sent }).expect(201)
      assert.deepEqual([body.interaction_type, body.note], ["walk", kept])
    }
  })

  it("refuses bad input, each fault by its place, and changes nothing", async () => {
    const good = { interaction_type: "walk", energy_change: 1, note: "x" }
    const bad: [object, string[]][] = [
      [{}, ["/interaction_type", "/energy_change"]],
      [{ ...good, interaction_type: " " }, ["/interaction_type"]],
      [{ ...good, interaction_type: "x".repeat(101) }, ["/interaction_type"]],
      [{ ...good, note: "x".repeat(1_001) }, ["/note"]],
      ...[1.5, 1_001, -1_001, "1", null, true, [], 1e300].map((energy_change): [object, string[]] => [
        { ...good, energy_change },
        ["/energy_change"],
      ]),
    ]
    for (const [body, pointers] of bad) {
      const answer = await kim.record(body).expect(400)
      assert.equal(answer.body.error, "request_invalid")
      const named = answer.body.detail.errors.map(({ pointer }: { pointer: string }) => pointer)
      assert.deepEqual([...new Set(named)], pointers)
    }
    for (const number of ["NaN", "1e999", "-1e999", "0x10", "01"]) {
      const raw = `{"interaction_type":"walk","energy_change":${number}}`
      await service.http
        .post(`/social-battery/${kim.id}/record`)
        .set("Authorization", `Bearer ${kim.token}`)
        .type("json")
        .send(raw)
        .expect(400)
    }
    assert.deepEqual(await activityOf(kim), [])
    assert.equal(await levelOf(kim), 50)
  })

  describe("with an Idempotency-Key", () => {
    it("happens once, of 16 at once, and all get its answer; in a new battery, and again and again", async () => {
      for (const level of [43, 36, 29, 22, 15]) {
        const key = newKey()
        const answers = await race(16, () => kim.record(walk(-7), { key }).expect(201))
        for (const { body } of answers) assert.deepEqual(body, answers[0]?.body)
        assert.equal(await levelOf(kim), level)
      }
      assert.equal((await activityOf(kim)).length, 5)
    })

    it("answers a retry as at the first time, whatever has happened since", async () => {
      const key = newKey()
      const first = await kim.record({ ...walk(-7), note: null }, { key }).expect(201)
      await kim.record(walk(-7)).expect(201)
      const again = await kim.record({ energy_change: -7, interaction_type: "walk " }, { key }).expect(201)
      assert.deepEqual(again.body, first.body)
      assert.equal(await levelOf(kim), 36)
    })

    it("refuses another interaction under the same key with 422, and does nothing", async () => {
      const key = newKey()
      await kim.record(walk(-7), { key }).expect(201)
      for (const other of [walk(-8), { ...walk(-7), interaction_type: "run" }, { ...walk(-7), note: "x" }]) {
        const { body } = await kim.record(other, { key }).expect(422)
        assert.deepEqual([body.error, body.status_code], ["idempotency_mismatch", 422])
      }
      assert.equal(await levelOf(kim), 43)
    })

    it("is apart from the same key of another person", async () => {
      const key = newKey()
      const other = await person(service)
      const [own, theirs] = [await kim.record(walk(-7), { key }), await other.record(walk(-7), { key })]
      assert.deepEqual([own.status, theirs.status], [201, 201])
      assert.notEqual(own.body.id, theirs.body.id)
    })

    it("is refused when it is no key, and nothing happens", async () => {
      for (const key of [
        "",
        "short",
        "x".repeat(15),
        "x".repeat(129),
        `${"x".repeat(16)} y`,
        `${"x".repeat(16)}\u00fc`,
      ]) {
        const { body } = await kim.record(walk(-7), { key }).expect(400)
        assert.equal(body.detail.errors[0].pointer, "header/Idempotency-Key")
      }
      assert.equal(await levelOf(kim), 50)
    })
  })
})
