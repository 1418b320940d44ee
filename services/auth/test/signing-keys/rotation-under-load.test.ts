import assert from "node:assert/strict"
import { pause, until } from "@gatepost/testkit"
import { type AuthProcess, type Bundle, setup } from "../support/setup.js"
import { elapseForKeys, keyEvents, publishedKids, storedKeys } from "./support/keys.js"
import { type Load, startLoad } from "./support/load.js"
import { joseVerifier, ourVerifier, pyJwtVerifier, type ResourceServer } from "./support/verifiers.js"

const ROTATIONS = 10
const DAY = 86_400
const TTL = 3_600
const PUBLISH = 3_600
const RETIRE = 3_960
// How long a resource server keeps keys before it looks again: in production 300 s, of the 3600 that a key is
// published before it signs. Ours counts whole seconds, so its clock is a fast one.
const FRESH_MS = 50
const SPEED = 1000 / FRESH_MS
const PYTHON_MISSING = "python3-jwt or python3-cryptography is not installed: pending"

// check 72
describe(`${ROTATIONS} scheduled rotations of the signing key, over two processes and under load`, () => {
  let auth: Bundle
  let processes: AuthProcess[]
  let servers: Map<string, ResourceServer>
  let load: Load
  let elapsedMs = 0

  before(async function () {
    this.timeout(60_000)
    auth = await setup({
      ACCESS_TOKEN_TTL: String(TTL),
      KEY_ROTATION_DAYS: "1",
      KEY_PUBLISH_SECONDS: String(PUBLISH),
      KEY_RETIRE_SECONDS: String(RETIRE),
    })
    processes = [auth, await auth.another()]
    const [jwksUrl, otherJwksUrl] = processes.map(({ url }) => `${url}/.well-known/jwks.json`) as [
      string,
      string,
    ]
    const startedAt = Date.now()
    const python = pyJwtVerifier(jwksUrl, FRESH_MS)
    servers = new Map([
      ["@gatepost/token-verifier", ourVerifier(jwksUrl, () => startedAt + (Date.now() - startedAt) * SPEED)],
      ["jose", joseVerifier(otherJwksUrl, FRESH_MS)],
      ...(python ? ([["PyJWT", python]] as const) : []),
    ])

    load = startLoad({ processes, servers, ttlSeconds: TTL, now: () => Date.now() + elapsedMs })
    for (let rotation = 1; rotation <= ROTATIONS; rotation += 1) await rotate()
    await load.stop()
  })
  after(async () => {
    for (const server of servers.values()) server.stop()
    await auth.stop()
  })

  /** One key's life, in fast motion. */
  async function rotate() {
    const [old] = await publishedKids(auth)
    await elapse(DAY - PUBLISH)
    await untilAll("the next key is published", (kids) => kids.length === 2 && kids[0] === old)
    await pause(3 * FRESH_MS)
    await elapse(PUBLISH - 0.1)
    await untilAll("the next key signs", (kids) => kids.length === 2 && kids[1] === old)
    // The last tokens of the old key have their last minutes, and then it goes.
    await elapse(TTL - 60)
    await pause(3 * FRESH_MS)
    await elapse(RETIRE - TTL + 60)
    await untilAll("the old key is gone", (kids) => kids.length === 1 && kids[0] !== old)
  }

  async function elapse(seconds: number) {
    elapsedMs += seconds * 1000
    await elapseForKeys(auth.db, seconds)
  }

  const untilAll = (what: string, holds: (kids: string[]) => boolean) =>
    until(what, async () => (await Promise.all(processes.map(publishedKids))).every(holds))

  it("are one at a time, and each is in the audit log", async () => {
    const stored = await storedKeys(auth.db)
    assert.equal(stored.length, ROTATIONS + 1)
    const events = (await keyEvents(auth.db)).map(({ event, detail }) => [event, detail.kid, detail.trigger])
    const expected = stored.slice(1).map(({ kid }) => ["signing-key.rotated", kid, "schedule"])
    assert.deepEqual(events, expected)
  })

  it("have each process and each kind of token signed by every key in turn", async () => {
    const stored = (await storedKeys(auth.db)).map(({ kid }) => kid)
    assert.equal(load.kids.size, 4)
    for (const [lane, kids] of load.kids) assert.deepEqual([...kids], stored, lane)
  })

  for (const name of ["@gatepost/token-verifier", "jose", "PyJWT"]) {
    it(`have no valid token refused by ${name}`, function () {
      const tally = load.tallies.get(name)
      if (!tally && process.env.CI === "true") throw new Error(PYTHON_MISSING)
      if (!tally) {
        console.log(`      ${PYTHON_MISSING}`)
        return this.skip()
      }
      assert.deepEqual(tally.refusals.slice(0, 5), [])
      assert.ok(tally.verified > 10 * ROTATIONS, `only ${tally.verified} tokens`)
    })
  }
})
