import { stopCluster } from "./cluster.js"

/** Once per run: whatever the tests started of servers is gone at the end. */
export const mochaHooks = {
  async afterAll() {
    await stopCluster()
  },
}
