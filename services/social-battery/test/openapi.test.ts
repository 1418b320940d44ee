import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import type { z } from "zod"
import { ActivityView, BatteryView, InteractionView } from "#src/modules/battery/index.js"
import { type Bundle, person, setup, walk } from "./support/setup.js"

describe("the OpenAPI document", () => {
  let service: Bundle

  before(async () => {
    service = await setup()
  })
  after(() => service.stop())

  it("is served to everybody, and is the file beside the README", async () => {
    const { body } = await service.http.get("/social-battery/openapi.json").expect(200)
    assert.deepEqual(body, JSON.parse(readFileSync(new URL("../openapi.json", import.meta.url), "utf8")))
  })

  it("says what the answers are, no more and no less", async () => {
    const kim = await person(service)
    const answers: [z.ZodObject, object][] = [
      [InteractionView, (await kim.record({ ...walk(1), note: "far" }).expect(201)).body],
      [BatteryView, (await kim.read().expect(200)).body],
      [ActivityView, (await kim.activity().expect(200)).body],
    ]
    for (const [schema, body] of answers) assert.deepEqual(schema.strict().parse(body), body)
  })
})
