import assert from "node:assert/strict"
import { once } from "node:events"
import { get } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"
import { route } from "@gatepost/http"
import { z } from "zod"
import { serviceOf } from "./support/service.js"

describe("the access log", () => {
  let service: Awaited<ReturnType<typeof serviceOf>>
  let arrived = () => {}

  before(async () => {
    const hanging = route({
      method: "get",
      path: "/hanging",
      summary: "",
      tag: "Things",
      access: "public",
      limit: "none",
      problems: [],
      success: { status: 200, body: z.object({}) },
      handle: () => {
        arrived()
        return new Promise<Record<string, never>>(() => {})
      },
    })
    service = await serviceOf([hanging])
  })
  after(() => service.stop())

  const lineOf = async (path: string) => {
    for (;;) {
      const line = service.log().find(({ msg, route }) => msg === "request" && route === path)
      if (line) return line
      await sleep(10)
    }
  }

  it("has a line and a metric for a request that its client gave up", async () => {
    const waiting = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const request = get(`${service.url}/v1/hanging`).on("error", () => {})
    await waiting
    request.destroy()
    const { status, aborted } = await lineOf("/v1/hanging")
    assert.deepEqual({ status, aborted }, { status: 499, aborted: true })
    const text = await service.metrics.registry.metrics()
    assert.match(text, /duration_seconds_count\{.*route="\/v1\/hanging",status="499".*\} 1/)
  })

  it("has a line for an event stream, but no duration", async () => {
    const request = get(`${service.url}/stream`).on("error", () => {})
    await once(request, "response")
    request.destroy()
    const { status, aborted } = await lineOf("/stream")
    assert.deepEqual({ status, aborted }, { status: 200, aborted: true })
    assert.doesNotMatch(await service.metrics.registry.metrics(), /stream/)
  })
})
