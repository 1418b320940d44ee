import assert from "node:assert/strict"
import { setTimeout as sleep } from "node:timers/promises"
import { createVerifier, type RevocationOptions, type Verifier } from "@gatepost/token-verifier"
import { logOut, me, register, type Tokens } from "../support/people.js"
import { type AuthProcess, type Bundle, PUBLIC_URL, SECRETS, setup } from "../support/setup.js"
import { startTcpProxy } from "../support/tcp-proxy.js"
import { until } from "./support/feed.js"

const LOGOUTS = 40
const GENEROUS_MS = 5_000

describe("verifiers at the feed of revocations", () => {
  let auth: Bundle
  let second: AuthProcess
  const verifiers: Verifier[] = []

  before(async () => {
    auth = await setup()
    second = await auth.another()
  })
  after(async () => {
    for (const verifier of verifiers) verifier.close()
    await auth.stop()
  })

  function follow(url: string, options: Partial<RevocationOptions> = {}, clock = Date.now): Verifier {
    const verifier = createVerifier({
      issuer: `${PUBLIC_URL}/oidc`,
      audience: PUBLIC_URL,
      jwksUrl: `${auth.url}/.well-known/jwks.json`,
      clock,
      revocation: {
        clientId: "backend",
        clientSecret: SECRETS.SERVICE_CLIENT_SECRET,
        tokenUrl: new URL("/oidc/token", url).href,
        feedUrl: new URL("/v1/revocations", url).href,
        ...options,
      },
    })
    verifiers.push(verifier)
    return verifier
  }

  const codeOf = (verifier: Verifier, { access_token }: Tokens): Promise<string> =>
    verifier.verify(access_token).then(
      () => "accepted",
      ({ code }) => code,
    )

  // checks 54 and 66; DESIGN.md D6
  it("refuse a session soon after its logout was answered, wherever that was, while others work", async () => {
    const processes = [auth, second]
    const all = [auth, auth, second, second].map(({ url }) => follow(url, { whenStale: "closed" }))
    const people = await Promise.all(Array.from({ length: LOGOUTS + 1 }, () => register(auth)))
    const bystander = people.pop() as Tokens
    for (const verifier of all) await until(() => verifier.ready())
    for (const verifier of all) for (const person of people) await verifier.verify(person.access_token)

    let isLoaded = true
    const load = processes.map(async (process) => {
      while (isLoaded) await me(process, bystander.access_token).expect(200)
    })
    const lags: number[] = []
    for (const [index, person] of people.entries()) {
      await logOut(processes[index % 2] as AuthProcess, person.access_token).expect(200)
      const answeredAt = performance.now()
      await Promise.all(
        all.map(async (verifier) => {
          await until(async () => (await codeOf(verifier, person)) === "token_invalid", 1)
          lags.push(performance.now() - answeredAt)
        }),
      )
    }
    isLoaded = false
    await Promise.all(load)
    lags.sort((a, b) => a - b)
    const [p50, p99] = [0.5, 0.99].map((share) => lags[Math.floor(lags.length * share)] ?? Infinity)
    console.log(`      logout answered → refused: p50 ${p50?.toFixed(1)} ms, p99 ${p99?.toFixed(1)} ms`)
    assert.ok((lags.at(-1) ?? Infinity) < GENEROUS_MS)
    for (const verifier of all) assert.equal(await codeOf(verifier, bystander), "accepted")
  })

  it("that were cut off know everything again before they answer as if they did", async () => {
    const proxy = await startTcpProxy(auth.url)
    let advancedMs = 0
    const alarms: number[] = []
    const clock = () => Date.now() + advancedMs
    const closed = follow(proxy.url, { whenStale: "closed" }, clock)
    const open = follow(proxy.url, { onStale: (seconds) => void alarms.push(seconds) }, clock)
    const [ended, living] = await Promise.all([register(auth), register(auth)])
    await until(async () => (await closed.ready()) && (await codeOf(open, ended)) === "accepted")

    proxy.cut()
    await logOut(auth, ended.access_token).expect(200)
    assert.equal(await codeOf(closed, ended), "accepted")
    advancedMs = 31_000
    for (const person of [ended, living]) {
      assert.equal(await codeOf(closed, person), "revocations_unavailable")
      assert.equal(await codeOf(open, person), "accepted")
    }
    await sleep(10)
    assert.deepEqual(alarms, [31])
    await logOut(second, (await register(second)).access_token).expect(200)

    proxy.restore()
    const codes: string[] = []
    await until(async () => {
      const code = await codeOf(closed, ended)
      if (code !== codes.at(-1)) codes.push(code)
      return code !== "revocations_unavailable"
    }, 1)
    assert.deepEqual(codes, ["revocations_unavailable", "token_invalid"])
    assert.equal(await codeOf(closed, living), "accepted")
    await until(async () => (await codeOf(open, ended)) === "token_invalid")
    assert.equal(await codeOf(open, living), "accepted")
    closed.close()
    open.close()
    await proxy.close()
  })

  it("follow the next process when theirs is replaced, and have missed nothing", async () => {
    const leaving = await auth.another()
    const verifier = follow(leaving.url, { whenStale: "closed" })
    await until(() => verifier.ready())
    await leaving.stop()
    const person = await register(second)
    await logOut(second, person.access_token).expect(200)
    await auth.another({ PORT: new URL(leaving.url).port })
    await until(async () => (await codeOf(verifier, person)) === "token_invalid")
    verifier.close()
  })
})
