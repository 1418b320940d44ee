import type { Bench } from "../bench.js"
import { createNpmStart } from "../ours/npm-start.js"
import type { RunningSubject, Scenario } from "../scenario.js"

const SECOND_START = "npm start, until the first sign-in"

export const startUpScenario = (): Scenario => ({
  name: "start-up",
  title: "Start-up",
  subjects: [{ name: SECOND_START, start }],
  comparisons: [],
  limits: [{ subject: SECOND_START, by: "time", most: 3 }],
})

/** The first start makes the database and an account; every one after it is a second start. */
async function start(bench: Bench): Promise<RunningSubject> {
  const gatepost = await createNpmStart()
  bench.onClose(gatepost.remove)
  await gatepost.start("register")
  await gatepost.stop()

  return {
    async measure() {
      const seconds = await gatepost.start("login")
      await gatepost.stop()
      return { count: 1, seconds }
    },
    stop: gatepost.remove,
  }
}
