import assert from "node:assert/strict"
import fc from "fast-check"
import { CLIENTS, setupProvider } from "../oidc/support/apps.js"
import { sessionOf } from "../revocations/support/feed.js"
import { countMails } from "../support/mails.js"
import { logIn, me, refresh, register } from "../support/people.js"
import { refreshAtTokenEndpoint } from "../support/relying-party.js"
import type { AuthProcess, Bundle } from "../support/setup.js"
import { type ChainModel, newChain, type Outcome, present, wait } from "./support/chain-model.js"
import { type Party, type Step, steps, type Use } from "./support/chain-steps.js"

const WINDOW_SECONDS = 60
// `REFRESH_MODEL_RUNS=5000` for longer; a failure prints its seed, which `REFRESH_MODEL_SEED` repeats.
const RUNS = Number(process.env.REFRESH_MODEL_RUNS ?? 200)
const SEED = process.env.REFRESH_MODEL_SEED

// checks 60, 61 and 62
describe("a chain of refresh tokens in the hands of its owner and a thief", () => {
  let auth: Bundle
  let processes: AuthProcess[]
  let email: string

  before(async () => {
    auth = await setupProvider({ REFRESH_RETRY_WINDOW: String(WINDOW_SECONDS) })
    processes = [auth, await auth.another()]
    email = (await register(auth)).user.email
  })
  after(() => auth.stop())

  it("is what the model says, whatever they do, and nobody else is signed out", async function () {
    this.timeout(RUNS * 1_000)
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const [run, bystander] = [await startRun(), (await logIn(auth, email)).body]
        for (const each of taken) await run.take(each)
        await run.conclude()
        await me(auth, bystander.access_token).expect(200)
        await refresh(auth, bystander.refresh_token).expect(200)
      }),
      { numRuns: RUNS, ...(SEED && { seed: Number(SEED) }) },
    )
  })

  async function startRun() {
    const { body } = await logIn(auth, email).expect(200)
    const sessionId = sessionOf(body.access_token)
    const mailsBefore = await countMails(auth, "session-revoked", email)
    // By their numbers in the chain.
    const tokens: string[] = [body.refresh_token]
    const accessTokens: string[] = [body.access_token]
    const held: Record<Party, number[]> = { owner: [0], thief: [] }
    let chain: ChainModel = newChain

    return {
      async take(next: Step): Promise<void> {
        if ("wait" in next) await elapse(next.wait)
        else if ("uses" in next) await useTokens(next.uses)
        else held.thief.push(...held.owner.slice(-1))
      },

      async conclude(): Promise<void> {
        await assertState()
        const [events, revocations] = await Promise.all([
          auth.db.query(
            "select 1 from auth.audit_events where session_id = ? and event = 'session.refresh-reused'",
            [sessionId],
          ),
          auth.db.query("select 1 from auth.revocations where session_id = ?", [sessionId]),
        ])
        const mails = (await countMails(auth, "session-revoked", email)) - mailsBefore
        const once = chain.isAlive ? 0 : 1
        assert.deepEqual([events.length, revocations.length, mails], [once, once, once])
        // Whoever has the newest token goes on; in a session that was ended nobody does.
        await refresh(auth, tokens[chain.newest] ?? "").expect(chain.isAlive ? 200 : 401)
      },
    }

    async function elapse(seconds: number): Promise<void> {
      await auth.db.query(
        "update auth.refresh_tokens set consumed_at = consumed_at - make_interval(secs => ?) where session_id = ?",
        [seconds, sessionId],
      )
      chain = wait(chain, seconds)
    }

    /** At the same time, if there are two: then either order is right. */
    async function useTokens(uses: Use[]): Promise<void> {
      const asked = uses.flatMap(({ tokensBack, ...each }) => {
        const token = held[each.by].at(-1 - tokensBack)
        return token === undefined ? [] : { ...each, token }
      })
      const answers = await Promise.all(asked.map(({ door, token }, index) => send(index, door, token)))

      const given = answers.map(({ refresh_token }) => refresh_token)
      const explanation = orders(asked.length)
        .map((order) => expectation(order, asked))
        .find(({ expected }) => isToldBy(given, expected))
      assert.ok(explanation, `${JSON.stringify(asked)} at ${JSON.stringify(chain)} gave ${given}`)
      chain = explanation.chain
      for (const [index, outcome] of explanation.expected.entries()) {
        if (outcome === "refused") continue
        const { by, isAnswerLost } = asked[index] ?? assert.fail()
        tokens[outcome.successor] = answers[index]?.refresh_token ?? assert.fail()
        accessTokens.push(answers[index]?.access_token ?? assert.fail())
        if (!isAnswerLost && !held[by].includes(outcome.successor)) held[by].push(outcome.successor)
      }
      await assertState()
    }

    /** What each is told when they come in this order. */
    function expectation(order: number[], asked: { token: number }[]) {
      const expected: Outcome[] = []
      let after = chain
      for (const index of order) {
        const result = present(after, asked[index]?.token ?? assert.fail(), WINDOW_SECONDS)
        expected[index] = result.outcome
        after = result.chain
      }
      return { chain: after, expected }
    }

    /** Whether these answers mean those outcomes: each token is the one it was before, or is new. */
    function isToldBy(given: (string | undefined)[], expected: Outcome[]): boolean {
      const known = [...tokens]
      return expected.every((outcome, index) => {
        const token = given[index]
        if (outcome === "refused" || token === undefined) return outcome === "refused" && token === undefined
        if (known[outcome.successor] === undefined && !known.includes(token)) known[outcome.successor] = token
        return known[outcome.successor] === token
      })
    }

    async function send(index: number, door: string, token: number): Promise<Partial<typeof body>> {
      const process = processes[index] as AuthProcess
      const refreshToken = tokens[token] ?? assert.fail()
      const answer = await (door === "json"
        ? refresh(process, refreshToken)
        : refreshAtTokenEndpoint(process, CLIENTS.web, refreshToken))
      if (answer.status === 200) return answer.body
      assert.equal(answer.status, door === "json" ? 401 : 400)
      return {}
    }

    async function assertState(): Promise<void> {
      const status = chain.isAlive ? 200 : 401
      for (const token of accessTokens.slice(-2)) await me(auth, token).expect(status)
    }
  }
})

const orders = (count: number): number[][] =>
  count === 2
    ? [
        [0, 1],
        [1, 0],
      ]
    : [[0].slice(0, count)]
