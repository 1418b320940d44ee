import assert from "node:assert/strict"
import { ApiError, NetworkError, SignedOutError } from "#src/index.js"
import {
  badGateway,
  captivePortal,
  clear,
  offline,
  portalRedirect,
  refusing,
  type Weather,
} from "./support/network.js"
import { pick, seeded } from "./support/random.js"
import { createWorld, MINUTE, type Tab, type World } from "./support/world.js"

const CYCLES = 1_000
// With the longest way there, a request that was called off still arrives within the server's 60 s.
const LONGEST_STORM_MS = 40_000
const LONGEST_LATENCY_MS = 30_000

const BAD_WEATHER: readonly Weather[] = [
  offline,
  { kind: "lost-after" },
  { kind: "silent-before" },
  { kind: "silent-after" },
  badGateway,
  captivePortal,
  portalRedirect,
  refusing(503, "server.unavailable", "2"),
  refusing(429, "request.too-many", "5"),
]

interface Marathon {
  world: World
  random: () => number
  tabs: Tab[]
  open(): Tab
  counts: { crashes: number; failures: number }
}

describe("1,000 refreshes in bad weather", () => {
  for (const { hasLocks, isDeaf } of [
    { hasLocks: true, isDeaf: false },
    { hasLocks: true, isDeaf: true },
    { hasLocks: false, isDeaf: false },
    { hasLocks: false, isDeaf: true },
  ]) {
    const means = `${hasLocks ? "with" : "without"} locks, ${isDeaf ? "without" : "with"} events`

    it(`lose no session: three tabs, crashes, a clock an hour off; ${means}`, async function () {
      this.timeout(60_000)
      const seed = Number(process.env.SEED ?? 20_260_101)
      const random = seeded(seed)
      const world = createWorld({ seed, serverClockOffMs: pick(random, [-60 * MINUTE, 60 * MINUTE]) })
      const open = () => world.tab({ hasLocks, isDeaf })
      const tabs = [await world.signedIn({ hasLocks, isDeaf }), open(), open()]
      const marathon = { world, random, tabs, open, counts: { crashes: 0, failures: 0 } }

      for (let cycle = 0; cycle < CYCLES / 4; cycle++) {
        await runCycle(marathon).catch((error) => {
          throw new Error(`seed ${seed}, cycle ${cycle}: ${error.message}`, { cause: error })
        })
      }

      // The weather was bad enough to prove something.
      assert.ok(marathon.counts.crashes > 20, `${marathon.counts.crashes} crashes`)
      assert.ok(marathon.counts.failures > 50, `${marathon.counts.failures} failures`)
      assert.ok(world.server.refreshes > CYCLES / 8, `${world.server.refreshes} refreshes`)
      await stealSession(marathon)
    })
  }
})

/** Some time passes; the tabs call, some of them crash, all in bad weather; then the sky clears. */
async function runCycle({ world, random, tabs, open, counts }: Marathon): Promise<void> {
  const { time, network, server } = world
  await time.advance(random() * 45 * MINUTE)
  const stormEnd = time.now() + random() * LONGEST_STORM_MS
  const badness = random()
  network.weather = () => (time.now() < stormEnd ? weatherOf(random, badness) : clear)

  const crashing = random() < 0.3 ? pick(random, tabs) : undefined
  if (crashing && random() < 0.6) crashing.browserTab.crashAtWrite(pick(random, ["before", "after"]))
  for (const tab of tabs) {
    if (random() < 0.3) continue
    const call = random() < 0.3 ? tab.refresh() : tab.me()
    call.catch((error) => {
      if (!(error instanceof NetworkError || error instanceof ApiError)) throw error
      counts.failures++
    })
  }
  await time.advance(random() * 10_000)
  if (crashing) {
    crashing.browserTab.crash()
    counts.crashes++
    await time.advance(random() * 5_000)
    tabs[tabs.indexOf(crashing)] = open()
  }
  await time.advance(LONGEST_STORM_MS + LONGEST_LATENCY_MS)

  network.weather = () => clear
  for (const tab of tabs) {
    assert.equal((await time.until(tab.me())).email, "ada@example.com")
    assert.deepEqual(
      tab.events.filter(({ type }) => type === "signed-out"),
      [],
    )
  }
  assert.equal(server.thefts, 0, "a refresh looked stolen")
}

function weatherOf(random: () => number, badness: number): Weather {
  if (random() < badness * 0.7) return pick(random, BAD_WEATHER)
  return { kind: "clear", latencyMs: random() * badness * LONGEST_LATENCY_MS }
}

/** And what protects from thieves still does. */
async function stealSession({ world, tabs }: Marathon): Promise<void> {
  const { time, server } = world
  const [tab] = tabs as [Tab]
  const stolen = tab.stored()
  // More than two: a tab that no events reach takes the stored token before it gets one of its own.
  for (let refresh = 0; refresh < 3; refresh++) await time.until(tab.refresh())
  const copy = {
    method: "POST",
    bearer: undefined,
    idempotencyKey: undefined,
    json: { refresh_token: stolen },
  }
  assert.equal(server.handle({ ...copy, path: "/v1/auth/refresh" }).status, 401)
  assert.equal(server.thefts, 1)
  for (const each of tabs) {
    await assert.rejects(time.until(each.me()), SignedOutError)
    assert.equal(each.session(), undefined)
  }
}
