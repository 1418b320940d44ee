import type { InstalledPeer } from "../peers/peer.js"
import type { Scenario } from "../scenario.js"
import { mailScenario } from "./mail.js"
import { meScenario } from "./me.js"
import { protectedRouteScenario } from "./protected-route.js"
import { refreshScenario } from "./refresh.js"
import { signInScenario } from "./sign-in.js"

/** Everything that `npm run bench` measures, in its order. */
export const createScenarios = (peers: readonly InstalledPeer[]): Scenario[] => [
  signInScenario(peers),
  refreshScenario(peers),
  meScenario(peers),
  protectedRouteScenario(peers),
  mailScenario(),
]
