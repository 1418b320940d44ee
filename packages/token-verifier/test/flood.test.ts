import assert from "node:assert/strict"
import { hang, type Setup, setup, stopServers } from "./support/setup.js"
import { keys, signingInput, userClaims } from "./support/signer.js"

describe("a flood of invented key ids", () => {
  let api: Setup
  beforeEach(async () => {
    api = await setup()
  })
  afterEach(stopServers)

  const signature = keys.attacker.kid.repeat(40)
  const bogus = (n: number) =>
    `${signingInput({ alg: "RS256", typ: "at+jwt", kid: `bogus-${n}` }, userClaims(api.clock()))}.${signature}`

  async function refused(token: string): Promise<string> {
    const error = await api.verifier.verify(token).then(
      () => undefined,
      (error) => error,
    )
    return error?.code
  }

  it("costs one fetch in 30 seconds and no valid request", async () => {
    // check 79
    const valid = api.userToken()
    const refusals = new Set<string>()
    for (let n = 0; n < 10_000; n++) {
      api.clock.advance(0.006) // 10,000 in a minute
      refusals.add(await refused(bogus(n)))
      if (n % 40 === 0) await api.verifier.verify(n % 80 === 0 ? valid : api.userToken())
    }
    assert.deepEqual([...refusals], ["token_invalid"])
    assert.ok(api.jwks.fetches >= 2 && api.jwks.fetches <= 3, `${api.jwks.fetches} fetches`)
  })

  it("costs one fetch when it comes all at once over HTTP", async () => {
    // check 79
    const calls = Array.from({ length: 200 }, (_, n) => api.get(n % 4 === 0 ? api.userToken() : bogus(n)))
    const statuses = (await Promise.all(calls)).map(({ status }) => status)
    assert.equal(statuses.filter((status) => status === 200).length, 50)
    assert.equal(statuses.filter((status) => status === 401).length, 150)
    assert.equal(api.jwks.fetches, 1)
  })

  it("does not make a known key wait for a fetch", async () => {
    // check 79
    await api.verifier.verify(api.userToken())
    const asked = hang(api.jwks)
    api.clock.advance(31)
    const waiting = refused(bogus(1))
    await api.verifier.verify(api.userToken())
    await asked
    stopServers()
    assert.equal(await waiting, "keys_unavailable")
  })

  it("or an old key set is no reason to wait for the key server", async () => {
    const patient = await setup({ timeoutSeconds: 3600 })
    const { clock, jwks, verifier } = patient
    await verifier.verify(patient.userToken())
    const asked = hang(jwks)
    clock.advance(301)
    await verifier.verify(patient.userToken())
    await asked
  })

  it("does not keep a new key out, nor an old one in", async () => {
    // check 80
    const old = api.userToken()
    await api.get(old).expect(200)
    api.jwks.publish({ keys: [keys.next.jwk] })
    let waited = 0
    for (; waited < 35; waited += 0.5) {
      api.clock.advance(0.5)
      for (let n = 0; n < 20; n++) await refused(bogus(waited * 100 + n))
      if ((await api.get(api.userToken({}, {}, keys.next))).status === 200) break
      await api.get(old).expect(200)
    }
    assert.ok(waited < 35)
    assert.equal(api.jwks.fetches, 2)
    await api.get(old).expect(401)
    await api.get(api.userToken()).expect(401)
  })
})
