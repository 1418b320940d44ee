import assert from "node:assert/strict"
import { createPostOffice } from "@gatepost/mail-queue"
import { type PostOffice, setup, until } from "./support/setup.js"

describe("the metrics of the mail worker", () => {
  let office: PostOffice
  let port: number | undefined
  before(async function () {
    office = await setup(this, "postgres")
    const worker = await office.work({ METRICS_PORT: "0" })
    port = worker.metricsPort
  })
  after(() => office?.close())

  /** The value of one series, its labels in any order; nothing where there is none. */
  async function value(name: string, labels: Record<string, string>): Promise<number | undefined> {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    const line = text
      .split("\n")
      .filter((line) => line.startsWith(`${name}{`))
      .find((line) => Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)))
    return line === undefined ? undefined : Number(line.split(" ").at(-1))
  }

  it("count mails and their attempts, and measure from the commit to the server's 250", async () => {
    const lane = "otp"
    await office.settled(await office.enqueue(), "sent")
    assert.equal(await value("mail_attempts_total", { lane, outcome: "sent" }), 1)
    assert.equal(await value("mail_delivery_seconds_count", { lane }), 1)
    assert.equal(await value("mail_attempts_until_sent_bucket", { lane, le: "1" }), 1)
    assert.ok(Number(await value("mail_delivery_seconds_sum", { lane })) > 0)
    await until(async () => (await value("mail_smtp_sessions", { lane })) === 1, "the connection is kept")
    assert.equal(await value("mail_smtp_sessions", { lane: "bulk" }), 0)
  })

  it("show what waits, what was given up, and who gets no mail", async () => {
    const desk = createPostOffice(office.database)
    await desk.suppress("eve@example.com", { by: "a test" })
    await office.settled(await office.enqueue({ recipient: "eve@example.com" }), "suppressed")
    assert.equal(await value("mail_messages", { lane: "otp", state: "suppressed" }), 1)
    assert.equal(await value("mail_suppressions", { reason: "operator" }), 1)
    assert.equal(await value("mail_suppressions", { reason: "bounce" }), 0)
    assert.equal(await value("mail_oldest_due_seconds", { lane: "otp" }), 0)
    assert.equal(await value("mail_uncertain", { lane: "bulk" }), 0)
    assert.equal(await value("mail_messages", { lane: "otp", state: "sent" }), undefined)
  })
})
