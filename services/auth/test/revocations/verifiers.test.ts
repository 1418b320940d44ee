import assert from "node:assert/strict"
import { startTcpProxy, until } from "@gatepost/testkit"
import { createVerifier, type RevocationOptions, type Verifier } from "@gatepost/token-verifier"
import { logOut, register, type Tokens } from "../support/people.js"
import { type AuthProcess, type Bundle, PUBLIC_URL, SECRETS, setup } from "../support/setup.js"
import { END_OF_SESSION, sessionOf } from "./support/feed.js"

const CUT_OFF_MS = 120_000
// Verifiers that were cut off may wait for five seconds before they try again.
const DEADLINE_MS = 15_000

describe("verifiers at the feed of revocations", () => {
  let auth: Bundle
  let second: AuthProcess
  const verifiers: Verifier[] = []
  let rollBack = async () => {}

  before(async () => {
    auth = await setup()
    second = await auth.another()
  })
  after(async () => {
    for (const verifier of verifiers) verifier.close()
    await rollBack()
    await auth.stop()
  })

  function follow(url: string, options: Partial<RevocationOptions> = {}, clock = Date.now): Verifier {
    const verifier = createVerifier({
      issuer: `${PUBLIC_URL}/oidc`,
      audience: PUBLIC_URL,
      jwksUrl: `${new URL(url).origin}/.well-known/jwks.json`,
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

  it("that were cut off for two minutes know everything again before they answer as if they did", async () => {
    const proxy = await startTcpProxy(auth.url)
    let advancedMs = 0
    const alarms: number[] = []
    const clock = () => Date.now() + advancedMs
    const closed = follow(proxy.url, { whenStale: "closed" }, clock)
    const open = follow(proxy.url, { onStale: (seconds) => void alarms.push(seconds) }, clock)
    const [ended, late, living] = await Promise.all([register(auth), register(auth), register(auth)])
    await until(
      "both know all",
      async () => (await closed.ready()) && (await codeOf(open, ended)) === "accepted",
    )

    // Begins before they are cut off, and is committed when they are back.
    const held = await auth.db.database.db.transaction()
    rollBack = async () => {
      if (!held.isCompleted()) await held.rollback()
    }
    await held.raw(END_OF_SESSION, [sessionOf(late.access_token)])
    proxy.cut()
    await logOut(auth, ended.access_token).expect(200)
    assert.equal(await codeOf(closed, ended), "accepted")
    advancedMs = CUT_OFF_MS
    for (const person of [ended, living]) {
      assert.equal(await codeOf(closed, person), "revocations_unavailable")
      assert.equal(await codeOf(open, person), "accepted")
    }
    await until("there is an alarm", () => alarms.length > 0)
    assert.equal(alarms.length, 1)
    assert.ok(Number(alarms[0]) >= CUT_OFF_MS / 1000, `${alarms}`)
    await logOut(second, (await register(second)).access_token).expect(200)

    proxy.restore()
    const codes: string[] = []
    await until(
      "it is believed again",
      async () => {
        const code = await codeOf(closed, ended)
        if (code !== codes.at(-1)) codes.push(code)
        return code !== "revocations_unavailable"
      },
      DEADLINE_MS,
    )
    assert.deepEqual(codes, ["revocations_unavailable", "token_invalid"])
    await until(
      "the logout is felt",
      async () => (await codeOf(open, ended)) === "token_invalid",
      DEADLINE_MS,
    )
    for (const verifier of [closed, open]) {
      for (const person of [late, living]) assert.equal(await codeOf(verifier, person), "accepted")
    }
    await held.commit()
    for (const verifier of [closed, open]) {
      await until("the logout is felt", async () => (await codeOf(verifier, late)) === "token_invalid")
      assert.equal(await codeOf(verifier, living), "accepted")
    }
    closed.close()
    open.close()
    await proxy.close()
  })

  it("call nobody because of a request", async () => {
    const proxy = await startTcpProxy(auth.url)
    const verifier = follow(proxy.url, { whenStale: "closed" })
    const [ended, ...people] = await Promise.all(Array.from({ length: 6 }, () => register(auth)))
    assert.ok(ended)
    await until("it is ready", () => verifier.ready())
    await verifier.verify(ended.access_token)
    await logOut(auth, ended.access_token).expect(200)
    await until("the logout is felt", async () => (await codeOf(verifier, ended)) === "token_invalid")
    const chunks = proxy.chunks()
    for (let request = 0; request < 1_000; request++) {
      for (const person of people) assert.equal(await codeOf(verifier, person), "accepted")
      assert.equal(await codeOf(verifier, ended), "token_invalid")
    }
    assert.equal(proxy.chunks(), chunks)
    verifier.close()
    await proxy.close()
  })

  it("follow the next process when theirs is replaced, and have missed nothing", async () => {
    const leaving = await auth.another()
    const verifier = follow(leaving.url, { whenStale: "closed" })
    await until("it is ready", () => verifier.ready())
    await leaving.stop()
    const person = await register(second)
    await logOut(second, person.access_token).expect(200)
    await auth.another({ PORT: new URL(leaving.url).port })
    await until(
      "the logout is felt",
      async () => (await codeOf(verifier, person)) === "token_invalid",
      DEADLINE_MS,
    )
    verifier.close()
  })
})
