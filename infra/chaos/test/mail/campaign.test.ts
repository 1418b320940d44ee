import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { plansOf } from "#src/mail/arguments.js"
import { runCampaign } from "#src/mail/campaign.js"
import { isSound } from "#src/mail/report.js"

// Another one each time; a failure names it.
const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1_000_000))
// Ten kills, two freezes, a crash and a flush in some ten seconds; `npm run chaos:mail` does ten times that.
const SCALE = 0.1

describe(`the mail pipeline under fire, CHAOS_SEED=${seed}`, function () {
  this.timeout(240_000)

  for (const plan of plansOf({ seed, scale: SCALE, backends: ["redis", "postgres"] })) {
    it(`loses and doubles nothing that it must not, by ${plan.backend} to a ${plan.receiver}`, async function () {
      if (plan.backend === "redis" && spawnSync("redis-server", ["--version"]).error) this.skip()
      const stories: string[] = []
      const outcome = await runCampaign(plan, (text) => stories.push(text))

      const { broken, tally, uncertainLimit } = outcome
      assert.deepEqual(broken, [], stories.join("\n"))
      assert.deepEqual([tally.lost, tally.doubledOnce], [0, 0])
      assert.ok(tally.uncertain <= uncertainLimit)
      assert.ok(tally.mails >= plan.mails)
      if (plan.receiver === "provider") {
        assert.equal(tally.doubledResend, 0)
        // Asked again until it is known, or too late.
        assert.equal(tally.listedUnarrived, tally.listedOverdue)
      }
      assert.ok(isSound({ campaigns: [outcome], blackHoles: [] }))
    })
  }
})
