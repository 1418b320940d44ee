import assert from "node:assert/strict"
import { type Bundle, type Interaction, type Person, person, setup, walk } from "../support/setup.js"

describe("the activity of a battery", () => {
  let service: Bundle
  let kim: Person

  before(async () => {
    service = await setup()
  })
  after(() => service.stop())
  beforeEach(async () => {
    kim = await person(service)
  })

  async function recordMany(somebody: Person, count: number): Promise<string[]> {
    const ids: string[] = []
    for (let index = 0; index < count; index++)
      ids.push((await somebody.record(walk(index)).expect(201)).body.id)
    return ids
  }

  async function readPages(limit: number): Promise<string[][]> {
    const pages: string[][] = []
    for (let cursor: string | undefined; ; ) {
      const { body } = await kim.activity({ limit, ...(cursor && { cursor }) }).expect(200)
      pages.push(idsOf(body.items))
      if (body.next_cursor === null) return pages
      cursor = body.next_cursor
    }
  }

  const idsOf = (items: Interaction[]) => items.map(({ id }) => id)

  it("is empty before anything was recorded", async () => {
    const { body } = await kim.activity().expect(200)
    assert.deepEqual(body, { items: [], next_cursor: null })
  })

  it("is newest first, page by page, each once, and ends with a page that is not empty", async () => {
    const newestFirst = (await recordMany(kim, 6)).reverse()
    for (const [limit, sizes] of [
      [1, [1, 1, 1, 1, 1, 1]],
      [3, [3, 3]],
      [4, [4, 2]],
      [6, [6]],
      [100, [6]],
    ] as const) {
      const pages = await readPages(limit)
      assert.deepEqual(pages.flat(), newestFirst)
      assert.deepEqual(
        pages.map(({ length }) => length),
        sizes,
      )
    }
  })

  it("loses and repeats none of many of one moment", async () => {
    const ids = await recordMany(kim, 7)
    await service.db.query("update social_battery.interactions set created_at = '2026-01-02T03:04:05Z'")
    for (const limit of [1, 2, 5]) assert.deepEqual((await readPages(limit)).flat(), ids.toReversed())
  })

  it("keeps its place while more is recorded", async () => {
    const earlier = await recordMany(kim, 4)
    const first = await kim.activity({ limit: 2 })
    await recordMany(kim, 3)
    const second = await kim.activity({ limit: 2, cursor: first.body.next_cursor })
    assert.deepEqual(idsOf([...first.body.items, ...second.body.items]), earlier.toReversed())
    assert.equal(second.body.next_cursor, null)
  })

  it("has 20 on a page unless it is asked for up to 100", async () => {
    await recordMany(kim, 1)
    await service.db.query(
      `insert into social_battery.interactions
         (user_id, number, interaction_type, energy_change, level, created_at)
       select :id, n, 'many', 0, 50, now() from generate_series(2, 120) n`,
      { id: kim.id },
    )
    const count = async (query: object) => (await kim.activity(query).expect(200)).body.items.length
    assert.deepEqual([await count({}), await count({ limit: 100 }), await count({ limit: 1 })], [20, 100, 1])
  })

  // check 17
  it("refuses limits and cursors that it did not give", async () => {
    await recordMany(kim, 3)
    for (const limit of ["-1", "0", "1e9", "NaN", "1.5", "101", "", " 5", "0x10", "5;drop"]) {
      const { body } = await kim.activity({ limit }).expect(400)
      assert.equal(body.detail.errors[0].pointer, "query/limit")
    }
    const cursor: string = (await kim.activity({ limit: 1 })).body.next_cursor
    const edited = [...cursor].map((character, index) => {
      const other = character === "0" ? "1" : "0"
      return cursor.slice(0, index) + other + cursor.slice(index + 1)
    })
    for (const wrong of [
      ...edited,
      `${cursor}0`,
      cursor.slice(1),
      cursor.toUpperCase() === cursor ? "x" : cursor.toUpperCase(),
      cursor.replaceAll("-", ""),
      `{${cursor}}`,
      ` ${cursor}`,
      "",
      "1",
      "' or 1=1 --",
      "a".repeat(300),
    ]) {
      const { body } = await kim.activity({ cursor: wrong }).expect(400)
      assert.equal(body.detail.errors[0].pointer, "query/cursor", wrong)
    }
    await kim.activity({ cursor }).expect(200)
  })

  // check 109
  it("shows nobody anything of anybody else's, with whatever cursor", async () => {
    await recordMany(kim, 3)
    const stranger = await person(service)
    const [own] = await recordMany(stranger, 1)
    const { body } = await kim.activity({ limit: 1 })
    await stranger.activity({ cursor: body.next_cursor }).expect(400)
    assert.deepEqual(idsOf((await stranger.activity()).body.items), [own])
  })
})
