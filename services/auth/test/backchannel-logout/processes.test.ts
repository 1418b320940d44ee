import assert from "node:assert/strict"
import { writeFile } from "node:fs/promises"
import type { ServerResponse } from "node:http"
import path from "node:path"
import { freePort, type TestDatabase, testDatabase, until } from "@gatepost/testkit"
import supertest from "supertest"
import { writeApps } from "../oidc/support/apps.js"
import { type ServiceChild, startChild } from "../support/child.js"
import { logOut, newEmail, register } from "../support/people.js"
import { settings } from "../support/setup.js"
import { certificate } from "./support/certificate.js"
import { type Receiver, startReceiver } from "./support/receiver.js"

// check 94, R6: processes come and go, logouts stay.
describe("a process that tells of logouts", () => {
  let db: TestDatabase
  let receiver: Receiver
  let apps: Awaited<ReturnType<typeof writeApps>>

  before(async () => {
    db = await testDatabase()
    receiver = await startReceiver()
    apps = await writeApps({ web: { backchannel_logout_uri: receiver.uriOf("web") } })
  })
  after(async () => {
    await receiver.stop()
    await apps.remove()
    await db.drop()
  })

  const start = (env: Record<string, string> = {}) =>
    startChild({
      ...settings(db),
      APPS_FILE: apps.file,
      DEFAULT_APP: "web",
      EGRESS_ALLOW: "loopback",
      LOG_LEVEL: "info",
      ...env,
    })
  const stop = ({ child, exited }: ServiceChild) => {
    child.kill("SIGTERM")
    return exited
  }

  /** Somebody signs out there; the receiver has the request, and holds it. */
  async function heldLogout({ url }: ServiceChild): Promise<ServerResponse> {
    const http = supertest(url)
    const process = { url, http, stop: async () => {} }
    const held = new Promise<ServerResponse>((resolve) => receiver.answer("web", resolve))
    const { access_token } = await register(process, newEmail())
    await logOut(process, access_token).expect(200)
    return held
  }
  const newest = async () => {
    const [row] = await db.query<{ outcome: string | null; tries: number; last_answer: string | null }>(
      "select outcome, tries, last_answer from auth.backchannel_logouts order by created_at desc limit 1",
    )
    return row ?? assert.fail()
  }

  it("and is killed in between delays it by the lease, and another one takes it over", async () => {
    const [victim, heir] = [await start(), await start()]
    // Whichever has it: both die, so that a third one is the heir.
    await heldLogout(victim)
    for (const { child, exited } of [victim, heir]) {
      child.kill("SIGKILL")
      await exited
    }
    assert.deepEqual(await newest(), { outcome: null, tries: 1, last_answer: null })

    receiver.answer("web", 200)
    const next = await start()
    await db.elapse(31)
    const [first, second] = await receiver.told("web", 2)
    assert.equal(second?.claims.jti, first?.claims.jti)
    await until("it is noted", async () => (await newest()).outcome === "delivered")
    await stop(next)
  })

  it("and is told to stop finishes what it began", async () => {
    const child = await start()
    const held = await heldLogout(child)
    child.child.kill("SIGTERM")
    await until("it stops", () => child.output().includes("stopping"))
    held.writeHead(200).end()
    assert.equal(await child.exited, 0)
    assert.deepEqual(await newest(), { outcome: "delivered", tries: 1, last_answer: "status 200" })
  })

  it("speaks https, and believes no certificate that it has no reason to", async () => {
    const secure = await startReceiver("https")
    const own = await writeApps({ web: { backchannel_logout_uri: secure.uriOf("web") } })
    const logOutAt = async ({ url }: ServiceChild) => {
      const process = { url, http: supertest(url), stop: async () => {} }
      await logOut(process, (await register(process, newEmail())).access_token).expect(200)
    }
    const doubting = await start({ APPS_FILE: own.file })
    await logOutAt(doubting)
    await until("it is noted", async () => (await newest()).last_answer === "DEPTH_ZERO_SELF_SIGNED_CERT")
    await stop(doubting)
    assert.deepEqual(secure.arrivals, [])

    const authority = path.join(path.dirname(own.file), "ca.pem")
    await writeFile(authority, certificate)
    const believing = await start({ APPS_FILE: own.file, NODE_EXTRA_CA_CERTS: authority })
    await db.elapse(6)
    await until("it is told", async () => (await newest()).outcome === "delivered")
    assert.equal(secure.arrivals.length, 1)
    await stop(believing)
    await secure.stop()
    await own.remove()
  })

  it("shows in its figures how it goes, and in its log no token", async () => {
    const METRICS_PORT = String(await freePort())
    const child = await start({ METRICS_PORT, LOG_LEVEL: "trace" })
    const figure = async (name: string) => {
      const { text } = await supertest(`http://127.0.0.1:${METRICS_PORT}`).get("/metrics").expect(200)
      const line = text.split("\n").find((one) => one.startsWith(name))
      return line === undefined ? undefined : Number(line.split(" ").at(-1))
    }
    const oldest = 'backchannel_logout_oldest_seconds{client_id="web"'
    const tries = (outcome: string) => `backchannel_logout_tries_total{client_id="web",outcome="${outcome}"`
    assert.equal(await figure(oldest), 0)

    const held = await heldLogout(child)
    receiver.answer("web", 400)
    held.writeHead(503).end()
    await until("a failure is counted", async () => (await figure(tries("failed"))) === 1)
    await db.elapse(300)
    await until("a refusal is counted", async () => (await figure(tries("refused"))) === 1)
    assert.ok(Number(await figure(oldest)) >= 300)
    receiver.answer("web", 200)
    await db.elapse(300)
    await until("a success is counted", async () => (await figure(tries("delivered"))) === 1)
    await until("none is left", async () => (await figure(oldest)) === 0)

    await stop(child)
    const output = child.output()
    assert.match(output, /"client_id":"web".*"answer":"status 503"/)
    for (const { form } of receiver.arrivals) {
      const [, payload = "", signature = ""] = (form.get("logout_token") ?? "").split(".")
      for (const part of [payload, signature]) assert.ok(part && !output.includes(part))
    }
  })
})
