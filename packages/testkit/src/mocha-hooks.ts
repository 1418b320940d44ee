import { stopCluster, testCluster } from "./cluster.js"

/** Once per run, before test files are run side by side: one PostgreSQL for all of them. */
export async function mochaGlobalSetup(): Promise<void> {
  await testCluster()
}

export const mochaGlobalTeardown = stopCluster
