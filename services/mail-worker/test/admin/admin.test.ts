import assert from "node:assert/strict"
import { newId } from "@gatepost/runtime"
import { race } from "@gatepost/testkit"
import supertest from "supertest"
import { readConfig } from "#src/config.js"
import { type AdminDesk, adminDesk } from "../support/admin-desk.js"
import { serviceToken } from "../support/issuer.js"
import { secret } from "../support/setup.js"

type Method = "get" | "post" | "put" | "delete"

describe("the mail worker's admin API", () => {
  let desk: AdminDesk
  before(async () => {
    desk = await adminDesk()
  })
  after(() => desk.stop())

  async function call(method: Method, path: string, body?: object, token = serviceToken()) {
    const request = supertest(desk.url)[method](`/v1${path}`).set("Authorization", `Bearer ${token}`)
    return body ? request.send(body) : request
  }

  it("is for clients with the scope mail:admin alone", async () => {
    for (const scope of ["notifications:write revocations:read", "mail", "mail:admin2"]) {
      const { status, body } = await call("get", "/mails", undefined, serviceToken(scope))
      assert.deepEqual([status, body.code], [403, "token.scope-missing"])
    }
  })

  it("lists mails, newest first, page by page, by state and recipient", async () => {
    const ids = [await desk.failed("kim@example.com"), await desk.enqueue(), await desk.enqueue()]
    const first = (await call("get", "/mails?limit=2")).body
    const second = (await call("get", `/mails?limit=2&cursor=${first.next_cursor}`)).body
    const listed = [...first.items, ...second.items].map(({ id }: { id: string }) => id)
    assert.deepEqual(listed, ids.toReversed())
    assert.equal(second.next_cursor, null)
    const found = (await call("get", "/mails?state=failed_permanent&recipient=KIM@example.com")).body.items
    assert.deepEqual(
      found.map(({ id }: { id: string }) => id),
      [ids[0]],
    )
    const { status, body } = await call("get", "/mails?state=lost&since=yesterday")
    assert.deepEqual(
      [status, body.errors.map(({ pointer }: { pointer: string }) => pointer)],
      [400, ["query/state", "query/since"]],
    )
  })

  // Check 106.
  it("shows what happened to a mail, who acted, and nothing of what it says", async () => {
    const id = await desk.uncertain()
    const token = serviceToken("mail:admin", "console")
    const retried = await call("post", `/mails/${id}/retry`, undefined, token)
    assert.deepEqual([retried.status, retried.body.may_double], [202, true])
    const { body } = await call("get", `/mails/${id}`)
    const { to, detail } = body.timeline.at(-1)
    assert.deepEqual([to, detail], ["queued", "sent again by client console"])
    assert.ok(!JSON.stringify(body).includes(secret))
    assert.equal((await call("get", `/mails/${newId()}`)).body.code, "mail.not-found")
  })

  it("sends a mail again once, however often it is asked", async () => {
    const id = await desk.failed()
    const answers = await race(16, () => call("post", `/mails/${id}/retry`))
    const statuses = answers.map(({ status }) => status).sort()
    assert.deepEqual(statuses, [202, ...Array<number>(15).fill(409)])
    assert.equal((await desk.states(id)).filter((state) => state === "queued").length, 2)
    assert.equal((await call("post", `/mails/${newId()}/retry`)).status, 404)
  })

  it("closes an uncertain mail, and no other", async () => {
    const id = await desk.uncertain()
    assert.equal((await call("post", `/mails/${id}/close`)).status, 200)
    assert.equal((await call("post", `/mails/${id}/close`)).body.code, "mail.not-uncertain")
    assert.equal((await call("post", `/mails/${newId()}/close`)).status, 404)
  })

  it("says who gets no mail, and who decided so", async () => {
    const path = "/suppressions/Eve@example.com"
    assert.equal((await call("get", path)).body.code, "suppression.not-found")
    assert.equal((await call("put", path, { detail: "asked for it" })).body.address, "eve@example.com")
    assert.ok(await desk.isSuppressed("eve@example.com"))
    assert.equal((await call("get", "/suppressions")).body.items[0].detail, "asked for it")
    assert.equal((await call("delete", path, undefined, serviceToken("mail:admin", "console"))).status, 200)
    assert.equal((await call("delete", path)).body.code, "suppression.not-found")
    const { current, history } = (await call("get", path)).body
    assert.deepEqual(
      [current, history.map(({ action, by }: Record<string, string>) => [action, by])],
      [
        null,
        [
          ["suppressed", "client backend"],
          ["unsuppressed", "client console"],
        ],
      ],
    )
    assert.equal((await call("put", "/suppressions/no-address", {})).status, 400)
  })

  it("has no board without a password for it", async () => {
    assert.equal((await fetch(`${desk.url}/board`)).status, 404)
  })

  it("is not opened without knowing whose tokens count", () => {
    const env = { DATABASE_URL: "postgres://x", SMTP_URL: "smtp://127.0.0.1", ADMIN_PORT: "0" }
    const faulty = { ...env, MAIL_ENCRYPTION_SECRET: "0123456789 abcdefghij klmnopqrst uvwxyz" }
    assert.throws(() => readConfig(faulty), { name: "ConfigError", message: /^PUBLIC_URL is needed/ })
    assert.equal(readConfig({ ...faulty, PUBLIC_URL: "http://localhost:8000" }).ADMIN_HOST, "127.0.0.1")
  })
})
