import { type Egress, EgressRefused } from "@gatepost/egress"
import type { Logger } from "@gatepost/runtime"
import type { Registry } from "prom-client"
import type { SigningKeys } from "../signing-keys/index.js"
import type { BackchannelLogoutRepository } from "./backchannel-logout.repository.js"
import type { Delivery } from "./backchannel-logout.types.js"
import { mintLogoutToken } from "./logout-token.js"
import { registerMetrics } from "./metrics.js"
import { nextOf, type TryResult } from "./retries.js"

/** One try of a delivery, with what comes of it stored; never rejects. */
export type Sender = (delivery: Delivery) => Promise<void>

export function createSender(deps: {
  repository: BackchannelLogoutRepository
  egress: Egress
  keys: SigningKeys
  issuer: string
  /** Of the clients that are told. */
  uris: ReadonlyMap<string, string>
  metrics: { registry: Registry }
  logger: Logger
}): Sender {
  const { repository, egress, keys, issuer, uris, logger } = deps
  const tries = registerMetrics(deps.metrics.registry, [...uris.keys()], repository)

  return async (delivery) => {
    const result = await tryOnce(delivery)
    tries.inc({ client_id: delivery.clientId, outcome: result.kind })
    await store(delivery, result).catch((cause: unknown) => {
      logger.warn(
        { err: cause, ...factsOf(delivery) },
        "a logout was not noted as sent: it will be sent again",
      )
    })
  }

  async function tryOnce(delivery: Delivery): Promise<TryResult> {
    try {
      // Signed for this try, so that a late one has neither an old key nor an old time.
      const logout_token = await mintLogoutToken(delivery, keys.current(), issuer)
      const status = await egress.postForm(uris.get(delivery.clientId) ?? "", { logout_token })
      return { kind: kindOf(status), answer: `status ${status}` }
    } catch (cause) {
      const { name, message, code } = cause as NodeJS.ErrnoException
      if (cause instanceof EgressRefused) return { kind: "blocked", answer: message }
      return { kind: "failed", answer: code ?? name }
    }
  }

  async function store(delivery: Delivery, result: TryResult): Promise<void> {
    const next = nextOf(delivery, result)
    const { answer } = result
    if (next.kind === "again") {
      logger.info({ ...factsOf(delivery), answer }, "a logout was not delivered, and will be tried again")
      return repository.updateDue(delivery, { ...next, answer })
    }
    if (next.outcome !== "delivered") logger.warn({ ...factsOf(delivery), answer }, "a logout is given up")
    return repository.updateEnded(delivery, next.outcome, answer)
  }
}

/** Back-Channel Logout section 2.8; some frameworks make a 204 of an empty 200. */
function kindOf(status: number): TryResult["kind"] {
  if (status === 200 || status === 204) return "delivered"
  return status === 400 ? "refused" : "failed"
}

const factsOf = ({ id, clientId, sessionId, tries }: Delivery) => ({
  delivery: id,
  client_id: clientId,
  session_id: sessionId,
  tries,
})
