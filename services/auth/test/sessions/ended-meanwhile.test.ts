import assert from "node:assert/strict"
import { sha256 } from "@gatepost/runtime"
import { startTcpProxy, type TcpProxy } from "@gatepost/testkit"
import { CLIENTS, setupProvider } from "../oidc/support/apps.js"
import { codeFlow, silently } from "../oidc/support/flows.js"
import { sessionOf } from "../revocations/support/feed.js"
import { logOut, me, refresh } from "../support/people.js"
import { exchangeCode, refreshAtTokenEndpoint } from "../support/relying-party.js"
import { type AuthProcess, type Bundle, processAt } from "../support/setup.js"

type Flow = Awaited<ReturnType<typeof codeFlow>>

/** Ways to an access token: what has to be there before, and the call. */
const WAYS: Record<string, (flow: Flow) => Promise<(auth: AuthProcess) => PromiseLike<Answer>>> = {
  "a refresh at the JSON door":
    async ({ tokens }) =>
    (auth) =>
      refresh(auth, tokens.refresh_token),
  "a refresh at the token endpoint":
    async ({ tokens }) =>
    (auth) =>
      refreshAtTokenEndpoint(auth, CLIENTS.web, tokens.refresh_token),
  "the exchange of a code": async ({ browser }) => {
    const { request, location } = await silently(browser, CLIENTS.web, { scope: "openid account" })
    return (auth) => exchangeCode(auth, request, location)
  },
}

interface Answer {
  status: number
  body: { access_token?: string; refresh_token?: string }
}

// checks 66 and 84
describe("a session that ends while somebody asks for an access token", () => {
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

  async function isStored(refreshToken: string): Promise<boolean> {
    const rows = await auth.db.query("select from auth.refresh_tokens where token_hash = ?", [
      sha256(refreshToken),
    ])
    return rows.length === 1
  }

  for (const [name, prepare] of Object.entries(WAYS)) {
    it(`between any two statements of ${name}: there is none, or one that knows its session`, async () => {
      let interrupted = 0
      for (let isInterrupted = true; isInterrupted; ) {
        const flow = await codeFlow(auth, { scope: "openid account" })
        const ask = await prepare(flow)
        const held = proxy.holdAnswers(interrupted)
        const answering = ask(slow).then((answer) => answer)
        isInterrupted = await Promise.race([held.then(() => true), answering.then(() => false)])
        if (isInterrupted) interrupted += 1
        await logOut(auth, flow.tokens.access_token).expect(200)
        proxy.restore()

        const { status, body } = await answering
        assert.ok([200, 400, 401].includes(status), `${interrupted}: ${status}`)
        if (status !== 200) assert.equal(body.access_token, undefined)
        if (body.access_token) {
          assert.equal(sessionOf(body.access_token), sessionOf(flow.tokens.access_token))
          await me(auth, body.access_token).expect(401)
          await refresh(auth, body.refresh_token ?? "").expect(401)
          assert.ok(
            await isStored(body.refresh_token ?? ""),
            `${interrupted}: a refresh token that never was`,
          )
        }
      }
      assert.ok(interrupted >= 2, `${interrupted}`)
    })
  }
})
