import assert from "node:assert/strict"
import { type Fleet, type ReplicatedPostgres, startFleet } from "@gatepost/fleet"
import { until } from "@gatepost/testkit"

describe("behind PgBouncer, two processes of each service", function () {
  this.timeout(150_000)
  let fleet: Fleet
  let postgres: ReplicatedPostgres
  let people = 0

  before(async () => {
    fleet = await startFleet({
      backend: "postgres",
      copies: 2,
      topology: ["standby", "pgbouncer"],
      settings: { RATE_LIMITS: "off", ARGON2_MEMORY_KIB: "1024", ARGON2_PASSES: "1" },
    })
    postgres = fleet.site.replicated as ReplicatedPostgres
  })
  after(() => fleet?.stop())

  const signUp = async () => {
    people += 1
    const person = { email: `person-${people}@example.com`, password: "a fine long passphrase" }
    const answer = await fetch(`${fleet.url}/v1/auth/register`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(person),
    })
    return answer.status
  }

  /** As many at once as PgBouncer has connections for the auth service. */
  const signUps = async () => (await Promise.all(Array.from({ length: 10 }, signUp))).join(" ")

  // R4: 25006. Nobody cuts what PgBouncer has open to the standby.
  it("write again when the address led to a standby for a moment", async () => {
    assert.equal(await signUp(), 201)
    postgres.pointTo(postgres.standby() ?? assert.fail("there is no standby"))
    await until("writes are refused", async () => /^(503 ?){10}$/.test(await signUps()))
    await signUps()
    postgres.leadTo(postgres.primary())
    const since = Date.now()
    let inARow = 0
    const areTaken = async () => {
      inARow = /^(201 ?){10}$/.test(await signUps()) ? inARow + 1 : 0
      return inARow === 5
    }
    await until("fifty in a row are taken", areTaken, 60_000)
    console.log(`      PgBouncer: all written again ${Date.now() - since} ms after the address led back`)
  })
})
