import assert from "node:assert/strict"
import { queueName } from "@gatepost/contracts"
import { newId } from "@gatepost/runtime"
import { testRedis } from "@gatepost/testkit"
import { type AdminDesk, adminDesk } from "../support/admin-desk.js"
import { serviceToken } from "../support/issuer.js"
import { backends } from "../support/setup.js"

const SERVICE_CLIENT_SECRET = "the-service-secret-0123456789-abcdef"

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`

for (const backend of backends) {
  describe(`Bull Board, with BullMQ on ${backend}`, () => {
    let desk: AdminDesk
    before(async function () {
      const redisUrl = backend === "redis" ? await testRedis(this) : undefined
      desk = await adminDesk({ SERVICE_CLIENT_SECRET }, redisUrl)
    })
    after(() => desk?.stop())

    const call = (path: string, authorization?: string, method = "GET") =>
      fetch(`${desk.url}/board${path}`, { method, headers: authorization ? { authorization } : {} })
    const good = basic("backend", SERVICE_CLIENT_SECRET)

    it("shows the three queues and their jobs, which name a mail and no more", async () => {
      const id = newId()
      await desk.jobs.queue(queueName("otp")).add("mail", { id }, { jobId: id })
      const response = await call("/api/queues?activeQueue=mail-otp&status=waiting&page=1", good)
      assert.equal(response.status, 200)
      const { queues } = (await response.json()) as { queues: Record<string, never>[] }
      const shown = queues.map(({ name, type, readOnlyMode }) => [name, type, readOnlyMode])
      assert.deepEqual(
        shown.sort(),
        ["mail-bulk", "mail-otp", "mail-transactional"].map((name) => [name, "bullmq", true]),
      )
      const otp = queues.find(({ name }) => name === "mail-otp") as unknown as {
        counts: { waiting: number }
        jobs: { data: unknown }[]
      }
      assert.equal(otp.counts.waiting, 1)
      assert.deepEqual(
        otp.jobs.map(({ data }) => data),
        [{ id }],
      )
      const job = await call(`/api/queues/mail-otp/${id}`, good)
      assert.equal(job.status, 200)
      assert.equal((await call("/api/redis/stats", good)).status, 200)
    })

    it("loads its page and scripts from this port alone", async () => {
      const page = await call("/", good)
      assert.equal(page.status, 200)
      assert.match(String(page.headers.get("content-security-policy")), /script-src 'self';/)
      const script = /src="(static\/js\/main[^"]+)"/.exec(await page.text())?.[1]
      assert.equal((await call(`/${script}`, good)).status, 200)
    })

    it("lets nobody in without the service secret", async () => {
      const wrong = [
        undefined,
        basic("backend", `${SERVICE_CLIENT_SECRET}x`),
        basic("root", SERVICE_CLIENT_SECRET),
        basic("backend", ""),
        `Bearer ${serviceToken()}`,
      ]
      for (const authorization of wrong) {
        for (const path of ["", "/", "/api/queues", "/static/favicon.ico"]) {
          const response = await call(path, authorization)
          assert.equal(response.status, 401, path)
          assert.match(String(response.headers.get("www-authenticate")), /^Basic realm=/)
        }
      }
    })

    it("changes nothing", async () => {
      const queue = desk.jobs.queue(queueName("bulk"))
      await queue.add("mail", { id: newId() })
      for (const path of [
        "/api/queues/mail-bulk/pause",
        "/api/queues/mail-bulk/empty",
        "/api/queues/pause",
      ]) {
        for (const method of ["PUT", "POST", "PATCH", "DELETE"])
          assert.equal((await call(path, good, method)).status, 405)
      }
      assert.deepEqual([await queue.isPaused(), await queue.getWaitingCount()], [false, 1])
    })
  })
}
