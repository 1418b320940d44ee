import assert from "node:assert/strict"
import { race, startTcpProxy, type TcpProxy } from "@gatepost/testkit"
import { CLIENTS, setupProvider } from "../oidc/support/apps.js"
import { codeFlow } from "../oidc/support/flows.js"
import { me, refresh, register } from "../support/people.js"
import { refreshAtTokenEndpoint } from "../support/relying-party.js"
import { type AuthProcess, type Bundle, processAt } from "../support/setup.js"

const DOORS = {
  "JSON door": refresh,
  "token endpoint": (auth: AuthProcess, token: string) => refreshAtTokenEndpoint(auth, CLIENTS.web, token),
}

// DESIGN.md D4
describe("a refresh that is cut short", () => {
  let auth: Bundle
  const proxies: TcpProxy[] = []

  before(async () => {
    auth = await setupProvider()
  })
  after(async () => {
    for (const proxy of proxies) await proxy.close()
    await auth.stop()
  })

  const proxyTo = async (url: string) => {
    const proxy = await startTcpProxy(url)
    proxies.push(proxy)
    return proxy
  }

  const newSession = async () => (await codeFlow(auth, { scope: "openid account" })).tokens

  /** The tokens of a session that were not spent. */
  const unspent = (refreshToken: string) =>
    auth.db.query(
      `select 1 from auth.refresh_tokens where consumed_at is null and session_id =
         (select session_id from auth.refresh_tokens where token_hash = sha256(?::text::bytea))`,
      [refreshToken],
    )

  /** Sent again with the same token to this process: one successor, which goes on. */
  async function assertSurvives(process: AuthProcess, token: string, lost?: string) {
    const again = []
    for (const door of Object.values(DOORS)) again.push((await door(process, token).expect(200)).body)
    const successors = new Set(again.map(({ refresh_token }) => refresh_token).concat(lost ?? []))
    assert.equal(successors.size, 1)
    assert.equal((await unspent(token)).length, 1)
    for (const { access_token } of again) await me(process, access_token).expect(200)
    const [successor = ""] = successors
    await refresh(process, successor).expect(200)
  }

  for (const [name, door] of Object.entries(DOORS)) {
    // check 62
    it(`after its commit, at the ${name}, is answered with the same successor when it comes again`, async () => {
      const proxy = await proxyTo(auth.url)
      const behind = processAt(new URL(proxy.url).origin)
      const { refresh_token } = await newSession()
      const held = proxy.holdAnswers(0)
      const failed = assert.rejects(async () => await door(behind, refresh_token))
      await held
      proxy.cut()
      await failed
      assert.equal((await unspent(refresh_token)).length, 1)
      proxy.restore()
      await assertSurvives(behind, refresh_token)
    })

    it(`by kill -9 after any of its statements, at the ${name}, goes on at another process`, async function () {
      this.timeout(60_000)
      let killed = 0
      for (let isAnswered = false; !isAnswered; ) {
        const proxy = await proxyTo(auth.db.urlOf("gatepost_auth"))
        const child = await auth.child({ DATABASE_URL: proxy.url })
        // Connects it, and has it prepare its statements.
        await door(child, (await newSession()).refresh_token).expect(200)

        const { refresh_token } = await newSession()
        const held = proxy.holdAnswers(killed)
        const answer = door(child, refresh_token).then(
          () => true,
          () => false,
        )
        isAnswered = await Promise.race([answer, held.then(() => false)])
        if (!isAnswered) killed += 1
        await child.kill()
        await answer
        await assertSurvives(auth, refresh_token)
      }
      // It looks the token up, and then rotates it.
      assert.ok(killed >= 2, `${killed}`)
    })
  }

  // checks 60 and 62; covers `generateTokenId`, where oidc-provider takes the successor from.
  it("is none of 100 at once, over two processes and both doors: they get one successor", async () => {
    const processes = [await auth.child(), await auth.child()]
    const byCode = (await newSession()).refresh_token
    const { refresh_token: byPassword } = await register(auth)
    for (const token of [byCode, byPassword]) {
      const answers = await race(100, (index) => {
        const process = processes[index % 2] as AuthProcess
        return index % 4 < 2 ? refresh(process, token) : refreshAtTokenEndpoint(process, CLIENTS.web, token)
      })
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
      const successors = new Set(answers.map(({ body }) => body.refresh_token))
      assert.equal(successors.size, 1)
      assert.ok(!successors.has(token))
      const rows = await auth.db.query(
        "select 1 from auth.refresh_tokens where parent_hash = sha256(?::text::bytea)",
        [token],
      )
      assert.equal(rows.length, 1)
      await assertSurvives(auth, token, [...successors][0])
    }
  })
})
