import assert from "node:assert/strict"
import { until } from "@gatepost/testkit"
import { createVerifier, type Verifier } from "@gatepost/token-verifier"
import { me, refresh, register, type Tokens } from "../support/people.js"
import { type AuthProcess, type Bundle, PUBLIC_URL, setup } from "../support/setup.js"
import { keyEvents, kidOf, publishedKids, runKeys, signingKid, storedKeys } from "./support/keys.js"

// The JWKS's max-age and a cool-down: what docs/operations/keys.md promises.
const BOUND_SECONDS = 330

// check 72
describe("an emergency revocation of the key that signs", () => {
  let auth: Bundle
  let processes: AuthProcess[]
  let session: Tokens
  let revoked: string
  let aheadMs = 0

  let verifier: Verifier

  before(async () => {
    auth = await setup()
    processes = [auth, await auth.another()]
    verifier = createVerifier({
      issuer: `${PUBLIC_URL}/oidc`,
      audience: PUBLIC_URL,
      jwksUrl: `${processes[1]?.url}/.well-known/jwks.json`,
      clock: () => Date.now() + aheadMs,
    })
    session = await register(auth)
    revoked = kidOf(session.access_token)
    await verifier.verify(session.access_token)

    const { code, output } = await runKeys(auth.db, ["revoke", revoked])
    assert.equal(code, 0)
    assert.match(output, new RegExp(`^Key ${revoked} is withdrawn, and .{43} signs from now on`))
    assert.match(output, new RegExp(`^${revoked} +revoked +\\S+ +-$`, "m"))
  })
  after(() => auth.stop())

  it("unpublishes it and has another one sign, on every process", async () => {
    for (const each of processes) {
      await until("the key is unpublished", async () => !(await publishedKids(each)).includes(revoked))
      const [successor, ...others] = await publishedKids(each)
      assert.deepEqual(others, [])
      assert.equal(await signingKid(each), successor)
      assert.equal(kidOf((await register(each)).access_token), successor)
    }
  })

  it("ends its tokens at the auth service, but nobody's session", async () => {
    for (const each of processes) await me(each, session.access_token).expect(401)
    const { body } = await refresh(auth, session.refresh_token).expect(200)
    for (const each of processes) await me(each, body.access_token).expect(200)
  })

  it("is felt by a verifier elsewhere within the bound, and not by tokens of the new key", async () => {
    const fresh = (await register(auth)).access_token
    // Known to it and not yet stale: this is what the bound is about.
    await verifier.verify(session.access_token)
    aheadMs += BOUND_SECONDS * 1000
    await assert.rejects(verifier.verify(session.access_token), { code: "token_invalid" })
    await verifier.verify(fresh)
  })

  it("leaves a trace, and no private half of the key", async () => {
    const [row] = (await storedKeys(auth.db)).filter(({ kid }) => kid === revoked)
    assert.equal(row?.sealed, null)
    const successor = await signingKid(auth)
    assert.deepEqual(await keyEvents(auth.db), [
      { event: "signing-key.revoked", detail: { kid: revoked, successor }, ip: null },
    ])
  })
})
