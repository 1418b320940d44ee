import assert from "node:assert/strict"
import { type Limiter, Problem, route } from "@gatepost/http"
import { z } from "zod"
import { serviceOf } from "./support/service.js"

const Thing = z.object({ id: z.string(), inner: z.object({ shown: z.string() }) })
const thing = { id: "1", inner: { shown: "yes" } }
const leaking = { ...thing, password_hash: "canary", inner: { shown: "yes", secret: "canary" } }

const common = { tag: "Things", access: "public", limit: "none", problems: [] } as const
const success = { status: 200, body: Thing } as const

const routes = [
  route({ ...common, method: "get", path: "/good", summary: "", success, handle: async () => leaking }),
  route({
    ...common,
    method: "get",
    path: "/wrong-shape",
    summary: "",
    success,
    handle: async () => ({ id: "canary" }) as typeof thing,
  }),
  route({
    ...common,
    method: "get",
    path: "/undeclared",
    summary: "",
    success,
    handle: async () => {
      throw new Problem("account.email-taken")
    },
  }),
  route({
    ...common,
    method: "get",
    path: "/broken",
    summary: "",
    success,
    handle: async () => {
      throw new Error("the canary of a library", { cause: new Error("select password from accounts") })
    },
  }),
  ...[true, false].map((isBodyOptional) =>
    route({
      ...common,
      method: "delete",
      path: isBodyOptional ? "/optional" : "/needed",
      summary: "",
      body: z.object({ why: z.string().optional() }),
      isBodyOptional,
      success: { status: 200, body: z.object({ why: z.string() }) },
      handle: async ({ body }) => ({ why: body.why ?? "nobody said" }),
    }),
  ),
]

describe("a limited route", () => {
  const settled: string[] = []
  let away = false
  let full = false
  const settle = (how: string) => async () => {
    settled.push(how)
    if (away) throw new Error("the limiter is away")
    return undefined
  }
  const limiter: Limiter = {
    admit: async () => {
      if (full) throw new Problem("request.too-many")
    },
    refused: settle("refused"),
    forgive: settle("forgiven"),
  }
  let service: Awaited<ReturnType<typeof serviceOf>>

  before(async () => {
    const refusing = route({
      ...common,
      method: "get",
      path: "/refusing",
      summary: "",
      problems: ["account.email-taken"],
      success,
      handle: async () => {
        throw new Problem("account.email-taken")
      },
    })
    service = await serviceOf([...routes, refusing], limiter)
  })
  after(() => service.stop())
  beforeEach(() => {
    settled.length = 0
    away = full = false
  })

  const outcomes = [
    ["/v1/good", 200, "forgiven"],
    ["/v1/refusing", 409, "refused"],
    ["/v1/wrong-shape", 500, "forgiven"],
    ["/v1/undeclared", 500, "forgiven"],
    ["/v1/broken", 500, "forgiven"],
  ] as const

  it("settles each call once, whatever became of it", async () => {
    for (const [path, status, how] of outcomes) {
      settled.length = 0
      await service.http.get(path).expect(status)
      assert.deepEqual(settled, [how], path)
    }
  })

  it("settles nothing for a call that was not admitted", async () => {
    full = true
    await service.http.get("/v1/good").expect(429)
    assert.deepEqual(settled, [])
  })

  it("answers as it would have when the limiter can't settle, and logs that", async () => {
    away = true
    for (const [path, status] of outcomes) await service.http.get(path).expect(status)
    const warnings = service.log().filter(({ msg }) => msg === "the limiter could not settle a call")
    assert.deepEqual(
      warnings.map(({ level }) => level),
      outcomes.map(() => 40),
    )
  })
})

describe("a mounted route", () => {
  let service: Awaited<ReturnType<typeof serviceOf>>

  before(async () => {
    service = await serviceOf(routes)
  })
  after(() => service.stop())

  it("lets nothing out that its schema does not name", async () => {
    const { body } = await service.http.get("/v1/good").expect(200)
    assert.deepEqual(body, thing)
  })

  it("does without a body where that may be, and never with half of one", async () => {
    const { body } = await service.http.delete("/v1/optional").expect(200)
    assert.deepEqual(body, { why: "nobody said" })
    const json = ["Content-Type", "application/json"] as const
    await service.http
      .delete("/v1/optional")
      .set(...json)
      .expect(400)
    const given = await service.http.delete("/v1/optional").send({ why: "so" }).expect(200)
    assert.deepEqual(given.body, { why: "so" })
    await service.http
      .delete("/v1/optional")
      .set(...json)
      .send("{")
      .expect(400)
    await service.http.delete("/v1/optional").set("Content-Type", "text/plain").send("x").expect(415)
    await service.http.delete("/v1/needed").expect(415)
  })

  // check 15
  it("answers 500 for every fault of ours, tells nothing, and logs it under the request's id", async () => {
    for (const path of ["/v1/wrong-shape", "/v1/undeclared", "/v1/broken"]) {
      const { body, headers, text } = await service.http.get(path).expect(500)
      assert.equal(body.code, "server.unexpected")
      assert.doesNotMatch(text, /canary|select|Error|\bat\b.*:\d/)
      const requestId = headers["x-request-id"]
      assert.equal(body.instance, `urn:uuid:${requestId}`)
      const errors = service.log().filter(({ level, request_id }) => level === 50 && request_id === requestId)
      assert.equal(errors.length, 1)
      assert.match(JSON.stringify(errors[0]), /"stack":"/)
    }
    const [undeclared] = service.log().filter((line) => JSON.stringify(line).includes("does not declare"))
    assert.match(JSON.stringify(undeclared), /\/undeclared does not declare account\.email-taken/)
    await service.http.get("/v1/good").expect(200)
  })

  it("counts in the metrics by its pattern, never by the path that was asked for", async () => {
    await service.http.get("/v1/good?token=canary").expect(200)
    await service.http.get("/v1/canary").expect(404)
    await service.http.delete("/v1/good").expect(405)
    await service.http.propfind("/v1/good").expect(405)
    const text = await service.metrics.registry.metrics()
    assert.match(text, /http_request_duration_seconds_count\{.*route="\/v1\/good",status="200".*\} \d+/)
    assert.doesNotMatch(text, /canary|method="DELETE",route="\/v1\/good"|PROPFIND/)
    assert.match(text, /count\{.*method="other",route="none",status="405"/)
  })
})
