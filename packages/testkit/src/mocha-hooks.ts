import { stopCluster, testCluster } from "./cluster.js"

/** Once per run, before test files are run side by side: one PostgreSQL for all of them. */
export async function mochaGlobalSetup(): Promise<void> {
  await testCluster()
}

export const mochaGlobalTeardown = stopCluster

export const mochaHooks = {
  afterEach(this: Mocha.Context): void {
    const test = this.currentTest as (Mocha.Test & { currentRetry(): number }) | undefined
    const tries = (test?.currentRetry() ?? 0) + 1
    if (test && tries > 1) console.log(`      try ${tries}, ${test.state}: ${test.fullTitle()}`)
  },
}
