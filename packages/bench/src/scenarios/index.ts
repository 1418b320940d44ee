import type { InstalledPeer } from "../peers/peer.js"
import type { Scenario } from "../scenario.js"
import { growthScenario } from "./growth.js"
import { inboxScenario } from "./inbox.js"
import { limitsScenario } from "./limits.js"
import { logoutScenario } from "./logout.js"
import { mailScenario } from "./mail.js"
import { meScenario } from "./me.js"
import { memoryScenario } from "./memory.js"
import { protectedRouteScenario } from "./protected-route.js"
import { refreshScenario } from "./refresh.js"
import { signInScenario } from "./sign-in.js"
import { startUpScenario } from "./start-up.js"
import { stormScenario } from "./storm.js"

/** Everything that `npm run bench` measures, in its order. */
export const createScenarios = (peers: readonly InstalledPeer[]): Scenario[] => [
  signInScenario(peers),
  refreshScenario(peers),
  meScenario(peers),
  protectedRouteScenario(peers),
  mailScenario(),
  stormScenario(peers),
  limitsScenario(),
  logoutScenario(),
  inboxScenario(),
  growthScenario(),
  memoryScenario(peers),
  // Its end is a signal to a group of processes.
  ...(process.platform === "win32" ? [] : [startUpScenario()]),
]
