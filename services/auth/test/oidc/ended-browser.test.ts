import assert from "node:assert/strict"
import { race, startTcpProxy, type TcpProxy } from "@gatepost/testkit"
import { untilWaiting, withLockedTable } from "../support/locks.js"
import { tokensFromMails } from "../support/mails.js"
import { me, PASSWORD } from "../support/people.js"
import {
  authorization,
  type Browser,
  exchangeCode,
  refreshAtTokenEndpoint,
} from "../support/relying-party.js"
import { type AuthProcess, type Bundle, processAt } from "../support/setup.js"
import { CLIENTS, setupProvider } from "./support/apps.js"
import { codeFlow, open, silently } from "./support/flows.js"
import { signOut } from "./support/sign-out.js"

const { web, basic, post } = CLIENTS
const SCOPE = "openid account"

type Flow = Awaited<ReturnType<typeof codeFlow>>

interface Ended {
  status: number
}

// checks 54 and 66
describe("a browser whose sign-in ends while it opens a further app", () => {
  let auth: Bundle
  let proxy: TcpProxy
  let slow: AuthProcess

  before(async () => {
    auth = await setupProvider()
    proxy = await startTcpProxy(auth.db.urlOf("gatepost_auth"))
    slow = processAt((await auth.another({ DATABASE_URL: proxy.url })).url)
  })
  after(async () => {
    await auth.stop()
    await proxy.close()
  })

  const ENDS: Record<string, (flow: Flow) => Promise<() => PromiseLike<Ended>>> = {
    "a password reset": async ({ email }) => {
      await auth.http.post("/v1/auth/forgot-password").send({ email }).expect(200)
      const [token] = await tokensFromMails(auth, "reset-password", email)
      const body = { token, new_password: "quite another passphrase" }
      return () => auth.http.post("/v1/auth/reset-password").send(body)
    },
    "the end of all sessions":
      async ({ tokens }) =>
      () =>
        auth.http.delete("/v1/auth/sessions").set("Authorization", `Bearer ${tokens.access_token}`),
    "a sign-out in another tab":
      async ({ browser }) =>
      async () => {
        const { end } = await signOut(browser, {})
        // The tab may have stored the browser's session without the form that the person just opened.
        return end.status === 400 ? (await signOut(browser, {})).end : end
      },
  }

  /** Another tab of the same browser, at this process. */
  function openTab(at: AuthProcess, browser: Browser, more: Record<string, string> = {}) {
    const request = authorization({ ...basic, scope: SCOPE, ...more })
    const cookies = Object.entries(browser.cookies()).map(([name, value]) => `${name}=${value}`)
    const headers = { Accept: "text/html", Cookie: cookies.join("; ") }
    const answer = fetch(new URL(request.path, at.url), { headers, redirect: "manual" })
    return { request, answer }
  }

  /** What came of a tab is worth nothing, and the browser is signed in nowhere. */
  async function assertSignedOut({ browser, userId }: Flow, { request, answer }: ReturnType<typeof openTab>) {
    const { status, headers } = await answer
    assert.ok(status < 500, `${status}`)
    const location = headers.get("location") ?? ""
    if (location.includes("code=")) {
      const { body } = await exchangeCode(auth, request, location)
      if (body.access_token) await me(auth, body.access_token).expect(401)
      if (body.refresh_token) await refreshAtTokenEndpoint(auth, basic, body.refresh_token).expect(400)
    }
    for (const client of [web, basic, post]) {
      assert.equal((await silently(browser, client)).error, "login_required")
    }
    const [row] = await auth.db.query<{ live: number }>(
      `select count(*)::int as live from auth.sessions
       where account_id = ? and oidc_grant is not null and revoked_at is null`,
      [userId],
    )
    assert.equal(row?.live, 0)
  }

  for (const [name, prepare] of Object.entries(ENDS)) {
    it(`by ${name}, between any two statements of it, is signed in no longer`, async () => {
      let interrupted = 0
      for (let isInterrupted = true; isInterrupted; ) {
        const flow = await codeFlow(auth, { scope: SCOPE })
        const end = await prepare(flow)
        const held = proxy.holdAnswers(interrupted)
        const tab = openTab(slow, flow.browser)
        isInterrupted = await Promise.race([held.then(() => true), tab.answer.then(() => false)])
        if (isInterrupted) interrupted += 1
        const ending = Promise.resolve(end())
        // It may have to wait for what the tab has locked.
        await Promise.race([ending, untilWaiting(auth.db, 1)])
        proxy.restore()
        assert.ok((await ending).status < 400)
        await assertSignedOut(flow, tab)
      }
      assert.ok(interrupted >= 5, `${interrupted}`)
    })
  }

  for (const name of ["a password reset", "the end of all sessions"]) {
    it(`by ${name}, waits for one that is under way, and gets no session`, async () => {
      const flow = await codeFlow(auth, { scope: SCOPE })
      const end = (await ENDS[name]?.(flow)) as () => PromiseLike<Ended>
      const [ended, tab] = await withLockedTable(auth.db, "auth.audit_events", async (release) => {
        const ending = Promise.resolve(end())
        await untilWaiting(auth.db, 1)
        const opened = openTab(auth, flow.browser)
        await untilWaiting(auth.db, 2)
        release()
        return [await ending, opened] as const
      })
      assert.equal(ended.status, 200)
      const location = new URL((await tab.answer).headers.get("location") ?? "")
      assert.equal(location.searchParams.get("error"), "login_required")
      await assertSignedOut(flow, tab)
    })

    it(`by ${name}, loses the session that was under way before it`, async () => {
      const flow = await codeFlow(auth, { scope: SCOPE })
      const end = (await ENDS[name]?.(flow)) as () => PromiseLike<Ended>
      const [ended, tab] = await withLockedTable(auth.db, "auth.audit_events", async (release) => {
        const opened = openTab(auth, flow.browser)
        await untilWaiting(auth.db, 1)
        const ending = Promise.resolve(end())
        await untilWaiting(auth.db, 2)
        release()
        return [await ending, opened] as const
      })
      assert.equal(ended.status, 200)
      await assertSignedOut(flow, tab)
    })
  }

  it("keeps the cookie of a sign-in that came between, and the former one is worth nothing", async () => {
    let interrupted = 0
    let kept = 0
    for (let isInterrupted = true; isInterrupted; ) {
      const { browser, email } = await codeFlow(auth, { scope: SCOPE })
      await silently(browser, basic, { scope: SCOPE })
      const former = browser.cookies()
      const page = await open(browser, authorization({ ...web, scope: SCOPE, prompt: "login" }))

      const held = proxy.holdAnswers(interrupted)
      const { answer } = openTab(slow, browser)
      isInterrupted = await Promise.race([held.then(() => true), answer.then(() => false)])
      if (isInterrupted) interrupted += 1
      await browser.follow(await browser.post(`${page.path}/login`, { email, password: PASSWORD }))
      proxy.restore()

      const { headers } = await answer
      if (!headers.getSetCookie().some((line) => line.startsWith("_session="))) kept += 1
      assert.equal((await silently(browser, basic)).error, null)
      const late = openTab(auth, { ...browser, cookies: () => former }, { prompt: "none" })
      assert.match((await late.answer).headers.get("location") ?? "", /error=login_required/)
    }
    // All but those that were over, or nearly, when the sign-in came.
    assert.ok(kept >= 3 && kept >= interrupted - 2, `${kept} of ${interrupted}`)
  })
})

describe("a browser in which two apps were opened at once", () => {
  let auth: Bundle

  before(async () => {
    auth = await setupProvider()
  })
  after(() => auth.stop())

  // check 66: of two requests at once, the provider would know what the last one had read.
  it("signs out of both, and of the one that was there before", async () => {
    const first = await codeFlow(auth, { scope: SCOPE })
    const requests = [basic, post].map((client) => authorization({ ...client, scope: SCOPE }))
    const answers = await withLockedTable(auth.db, "auth.oidc_artifacts", async (release) => {
      const opening = requests.map(({ path }) => first.browser.get(path))
      await untilWaiting(auth.db, 2)
      release()
      return Promise.all(opening)
    })
    const tokens = []
    for (const [index, request] of requests.entries()) {
      const answer = await exchangeCode(auth, request, answers[index]?.location ?? "")
      assert.equal(answer.status, 200, answer.text)
      tokens.push(answer.body)
    }
    for (const client of [web, basic, post]) assert.equal((await silently(first.browser, client)).error, null)

    await signOut(first.browser, {})

    for (const { access_token } of [first.tokens, ...tokens]) await me(auth, access_token).expect(401)
    for (const [index, client] of [basic, post].entries()) {
      await refreshAtTokenEndpoint(auth, client, tokens[index].refresh_token).expect(400)
    }
  })

  it("is answered in each of sixteen tabs at once", async () => {
    const { browser } = await codeFlow(auth, { scope: SCOPE })
    for (let round = 0; round < 8; round++) {
      const tabs = await race(16, (index) => silently(browser, index % 2 ? basic : post, { scope: SCOPE }))
      for (const { error } of tabs) assert.equal(error, null)
    }
  })

  it("knows each app's session again, and begins no second one", async () => {
    const first = await codeFlow(auth, { scope: SCOPE })
    for (const client of [basic, post, basic, post]) await silently(first.browser, client, { scope: SCOPE })
    const rows = await auth.db.query<{ client_id: string }>(
      "select client_id from auth.sessions where account_id = ? and oidc_grant is not null order by client_id",
      [first.userId],
    )
    assert.deepEqual(
      rows.map(({ client_id }) => client_id),
      ["basic", "post", "web"],
    )
  })
})
