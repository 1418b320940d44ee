import assert from "node:assert/strict"
import { createWorld, MINUTE } from "./support/world.js"

const REFRESH = "/v1/auth/refresh"

describe("a device whose clock is wrong", () => {
  for (const hours of [-1, 1]) {
    it(`by ${hours} h refreshes when it is time, and no sooner`, async () => {
      const { time, network, server, ...world } = createWorld({ serverClockOffMs: hours * 60 * MINUTE })
      const tab = await world.signedIn()
      for (let call = 0; call < 10; call++) {
        await time.until(tab.me())
        await time.advance(2.9 * MINUTE)
      }
      assert.equal(network.sentTo(REFRESH).length, 0)
      await time.advance(MINUTE)
      await time.until(tab.me())
      assert.equal(network.sentTo(REFRESH).length, 1)
      assert.equal(network.sentTo("/v1/auth/me").length, 11)
      assert.equal(server.thefts, 0)
    })

    it(`by ${hours} h goes on with a stored session while the server takes it`, async () => {
      const { time, network, ...world } = createWorld({ serverClockOffMs: hours * 60 * MINUTE })
      await world.signedIn()
      await time.advance(MINUTE)
      const reopened = world.tab()
      assert.equal(reopened.session()?.user.email, "ada@example.com")
      await time.until(reopened.me())
      assert.equal(network.sentTo(REFRESH).length, 0)

      await time.advance(31 * MINUTE)
      const later = world.tab()
      await time.until(later.me())
      assert.equal(network.sentTo(REFRESH).length, 1)
    })
  }

  it("refreshes after a sleep that its clock did not count", async () => {
    const { time, network, ...world } = createWorld()
    let slept = 0
    const clock = time.clock()
    const tab = await world.signedIn({ clock: { ...clock, now: () => clock.now() - slept } })
    await time.advance(3 * 60 * MINUTE)
    slept = 3 * 60 * MINUTE
    await time.until(tab.me())
    assert.equal(network.sentTo(REFRESH).length, 1)
  })
})
