import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { logOut, me, refresh, register, type Tokens } from "../support/people.js"
import { type AuthProcess, type Bundle, PUBLIC_URL, SECRETS, setup } from "../support/setup.js"
import { nowMs, type ResourceServer, startResourceServer } from "./support/resource-servers.js"

const LOGOUTS = 200
const AT_ONCE = 4

// checks 54 and 66; DESIGN.md D6
describe("a logout at one of two auth processes, felt by five processes elsewhere", () => {
  let auth: Bundle
  let processes: AuthProcess[]
  let servers: ResourceServer[]

  before(async function () {
    this.timeout(60_000)
    auth = await setup()
    processes = await Promise.all([auth.child(), auth.child()])
    servers = await race(5, (index) => {
      const { url } = processes[index % 2] as AuthProcess
      return startResourceServer({
        issuer: `${PUBLIC_URL}/oidc`,
        audience: PUBLIC_URL,
        jwksUrl: `${url}/.well-known/jwks.json`,
        revocation: {
          clientId: "backend",
          clientSecret: SECRETS.SERVICE_CLIENT_SECRET,
          tokenUrl: `${url}/oidc/token`,
          feedUrl: `${url}/v1/revocations`,
          whenStale: "closed",
        },
      })
    })
  })
  after(async () => {
    for (const server of servers) await server.stop()
    await auth.stop()
  })

  it(`is felt ${LOGOUTS} times by all, under load, and by nobody else's session`, async function () {
    this.timeout(120_000)
    const people: Tokens[] = []
    while (people.length < LOGOUTS) people.push(...(await race(AT_ONCE, () => register(auth))))
    const bystander = await register(auth)

    const load = startLoad(bystander)
    const lags: number[] = []
    const lane = async (start: number) => {
      for (let index = start; index < LOGOUTS; index += AT_ONCE) {
        const { access_token } = people[index] ?? assert.fail()
        const statuses = await Promise.all(servers.map(({ statusOf }) => statusOf(access_token)))
        assert.deepEqual(new Set(statuses), new Set([200]))
        const refusals = servers.map(({ refusedAt }) => refusedAt(access_token))
        await logOut(processes[index % 2] as AuthProcess, access_token).expect(200)
        const answeredAt = nowMs()
        for (const refusedAt of await Promise.all(refusals)) lags.push(Math.max(0, refusedAt - answeredAt))
      }
    }
    let calls = 0
    try {
      await race(AT_ONCE, lane)
    } finally {
      calls = await load.stop()
    }

    lags.sort((a, b) => a - b)
    const [p50, p99, worst] = [0.5, 0.99, 1].map((share) =>
      lags[Math.ceil(lags.length * share) - 1]?.toFixed(1),
    )
    console.log(
      `      logout answered → refused, ms: p50 ${p50}, p99 ${p99}, worst ${worst}; ${calls} other calls`,
    )
    assert.equal(lags.length, LOGOUTS * servers.length)
  })

  /** Signs of life of one session, at every process, until it is stopped; gives how many there were. */
  function startLoad(bystander: Tokens) {
    let isStopped = false
    let calls = 0
    let { refresh_token } = bystander
    const repeat = async (call: () => Promise<unknown>) => {
      for (; !isStopped; calls += 1) await call()
    }
    const loops = [
      ...processes.map((each) => repeat(() => me(each, bystander.access_token).expect(200))),
      ...servers.map(({ statusOf }) =>
        repeat(async () => assert.equal(await statusOf(bystander.access_token), 200)),
      ),
      repeat(async () => {
        refresh_token = (await refresh(processes[calls % 2] as AuthProcess, refresh_token).expect(200)).body
          .refresh_token
      }),
    ]
    return {
      async stop(): Promise<number> {
        isStopped = true
        await Promise.all(loops)
        return calls
      },
    }
  }
})
