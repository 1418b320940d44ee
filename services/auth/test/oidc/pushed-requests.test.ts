import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { untilWaiting, withLockedTable } from "../support/locks.js"
import { newEmail, register } from "../support/people.js"
import {
  type Answer,
  ask,
  authorization,
  type Browser,
  exchangeCode,
  openBrowser,
} from "../support/relying-party.js"
import type { Bundle } from "../support/setup.js"
import { CLIENTS, type Client, setupProvider } from "./support/apps.js"
import { codeFlow, goThrough, open } from "./support/flows.js"

const { pushed, basic, web } = CLIENTS

// RFC 9126
describe("pushed authorization requests", () => {
  let auth: Bundle

  before(async () => {
    auth = await setupProvider()
  })
  after(() => auth.stop())

  async function push(client: Client = pushed, params: Record<string, string> = {}) {
    const request = authorization({ ...client, scope: "openid", ...params })
    const answer = await ask(auth, "request", client, request.params)
    const query = new URLSearchParams({
      client_id: client.clientId,
      request_uri: answer.body.request_uri ?? "",
    })
    return { request: { ...request, path: `/oidc/auth?${query}` }, answer, query }
  }

  const USED = /invalid_request_uri/
  const saidBy = ({ location, text }: Answer) => location ?? text

  it("go from the push to tokens", async () => {
    const { request, answer } = await push()
    assert.equal(answer.status, 201)
    assert.match(answer.body.request_uri, /^urn:ietf:params:oauth:request_uri:[\w-]{20,}$/)
    assert.equal(answer.body.expires_in, 60)
    assert.equal(answer.headers["cache-control"], "no-store")
    const email = newEmail()
    await register(auth, email)
    const browser = openBrowser(auth)
    const back = await goThrough(browser, await open(browser, request), email)
    assert.ok(back.location?.startsWith(pushed.redirectUri), back.text)
    await exchangeCode(auth, request, back.location ?? "").expect(200)
  })

  it("are the only way for a client that has to push", async () => {
    const plain = authorization({ ...pushed, scope: "openid" })
    const { location = "" } = await open(openBrowser(auth), plain)
    assert.match(location, /error=invalid_request/)
    await push(web).then(({ answer }) => assert.equal(answer.status, 201))
  })

  it("are taken from a client that proves itself, and for itself", async () => {
    const { params } = authorization({ ...pushed, scope: "openid" })
    for (const stranger of [
      { clientId: "pushed" },
      { ...pushed, secret: "wrong".repeat(8) },
      { clientId: "nobody", secret: "x" },
    ]) {
      const { status, body } = await ask(auth, "request", stranger, {
        ...params,
        client_id: stranger.clientId,
      })
      assert.deepEqual([status, body.error], [401, "invalid_client"])
    }
    const other = await ask(auth, "request", basic, params)
    assert.ok([400, 401].includes(other.status), String(other.status))
  })

  it("are checked when they are pushed", async () => {
    for (const params of [
      { redirect_uri: "https://evil.test/" },
      { redirect_uri: "" },
      { code_challenge: "" },
      { code_challenge_method: "plain" },
      { response_type: "token" },
      { scope: "openid revocations:read" },
      { request_uri: "urn:ietf:params:oauth:request_uri:x" },
      { request: "x.y.z" },
      { prompt: "dance" },
    ]) {
      const { answer } = await push(pushed, params as unknown as Record<string, string>)
      assert.equal(answer.status, 400, JSON.stringify(params))
      assert.ok(answer.body.error)
    }
  })

  it("are used once: of 16 browsers at once one gets a code", async () => {
    const { request } = await push()
    const browsers: Browser[] = []
    for (let index = 0; index < 4; index++) {
      const browser = openBrowser(auth)
      const email = newEmail()
      await register(auth, email)
      await goThrough(browser, await open(browser, authorization({ ...web, scope: "openid" })), email)
      browsers.push(browser)
    }
    const answers = await race(16, (index) => (browsers[index % 4] ?? openBrowser(auth)).get(request.path))
    const codes = answers.filter(({ location }) => location?.includes("code="))
    assert.equal(codes.length, 1)
    for (const answer of answers.filter((one) => !codes.includes(one))) assert.match(saidBy(answer), USED)
    const again = await openBrowser(auth).get(request.path)
    assert.doesNotMatch(again.location ?? "", /interaction|code=/)
  })

  it("say to the loser of two at once what they say later", async () => {
    const { request } = await push()
    const browsers = [await codeFlow(auth), await codeFlow(auth)].map(({ browser }) => browser)
    const answers = await withLockedTable(auth.db, "auth.oidc_artifacts", async (release) => {
      const asking = browsers.map((browser) => browser.get(request.path))
      await untilWaiting(auth.db, 2)
      release()
      return Promise.all(asking)
    })
    const losers = answers.filter(({ location }) => !location?.includes("code="))
    assert.equal(losers.length, 1)
    for (const loser of losers) assert.match(saidBy(loser), USED)
  })

  it("are over after a minute, are their client's alone, and can't be made up", async () => {
    const { request, query } = await push()
    const foreign = `/oidc/auth?${new URLSearchParams({ ...Object.fromEntries(query), client_id: "web" })}`
    await auth.db.elapse(61)
    for (const path of [
      foreign,
      request.path,
      request.path.replace("request_uri%3A", "request_uri%3Ax"),
      "/oidc/auth?client_id=pushed&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A%00",
      "/oidc/auth?client_id=pushed&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A",
      "/oidc/auth?client_id=pushed&request_uri=",
    ]) {
      const { status, location } = await openBrowser(auth).get(path)
      assert.deepEqual([status, location], [400, undefined], path)
    }
  })

  it("can't be changed in the address", async () => {
    const { request } = await push(pushed, { state: "mine" })
    const evil = `${request.path}&redirect_uri=${encodeURIComponent("https://evil.test/")}&state=evil&scope=email`
    const email = newEmail()
    await register(auth, email)
    const browser = openBrowser(auth)
    const back = await goThrough(browser, await browser.follow(await browser.get(evil)), email)
    const location = back.location ?? ""
    assert.ok(back.status === 400 || location.startsWith(`${pushed.redirectUri}?`), location)
    if (location) assert.equal(new URL(location).searchParams.get("state"), "mine")
  })
})
