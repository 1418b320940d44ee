import assert from "node:assert/strict"
import { Problem, route } from "@gatepost/http"
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
]

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
    const text = await service.metrics.registry.metrics()
    assert.match(text, /http_request_duration_seconds_count\{.*route="\/v1\/good",status="200".*\} \d+/)
    assert.doesNotMatch(text, /canary/)
  })
})
