import { createTurns, type Limiter, type RequestContext } from "@gatepost/http"
import type { Outbox } from "@gatepost/mail-queue"
import type { Database, Db } from "@gatepost/postgres"
import { type Clock, createSealer } from "@gatepost/runtime"
import type { Apps } from "../apps/index.js"
import { createFactorNotices } from "../factor-notices/index.js"
import { createPasskeyCeremonies, createPasskeysService, passkeySite } from "../passkeys/index.js"
import type { SessionStore, SessionsService } from "../sessions/index.js"
import { createFactorProofs } from "./factor-proofs.js"
import { createSecondFactorsService } from "./second-factors.service.js"
import { createStepUpService } from "./step-up.service.js"
import { createTotpService } from "./totp.service.js"
import { TOTP_SEALED } from "./totp-factors.repository.js"
import { createTotpSecrets } from "./totp-secrets.js"

/** More than a challenge has tries. */
const MAX_WAITING = 20

/** Second factors, step-up and passkeys: all that proves a person besides their password. */
export type SecondFactors = ReturnType<typeof openSecondFactors>

/** @throws ConfigError when the passkeys' domain is not the public URL's, nor above it */
export function openSecondFactors(
  deps: {
    database: Database
    apps: Apps
    clock: Clock
    limiter: Limiter
    outbox: Outbox
    sessions: SessionsService
    store: SessionStore
    /** Whether an account can be signed in to, as it is in a transaction. */
    hasWayIn(trx: Db, accountId: string): Promise<boolean>
  },
  options: {
    encryptionSecret: string
    previousSecrets: readonly string[]
    publicUrl: string
    passkeyRpId: string | undefined
  },
) {
  const { database, apps, clock, limiter, outbox, sessions, store, hasWayIn } = deps
  const { encryptionSecret, previousSecrets, publicUrl, passkeyRpId } = options
  const notices = createFactorNotices({ apps, outbox })
  const site = passkeySite({ rpId: passkeyRpId, publicUrl, apps })
  const ceremonies = createPasskeyCeremonies({ database, site })
  const secrets = createTotpSecrets({
    sealer: createSealer(encryptionSecret, TOTP_SEALED.purpose, previousSecrets),
    keyIds: [encryptionSecret, ...previousSecrets].map(TOTP_SEALED.keyId),
  })
  const proofs = createFactorProofs({ clock, secrets, ceremonies, notices })
  const inTurn = createTurns({ maxWaiting: MAX_WAITING })
  const bindingOf = (context: RequestContext) => `app ${apps.ofRequest(context).client_id}`
  const factors = createSecondFactorsService({ database, ceremonies, inTurn, proofs, sessions })
  const totp = createTotpService({ database, apps, notices, proofs, secrets, sessions, store })

  return {
    factors,
    totp,
    stepUp: createStepUpService({ database, ceremonies, inTurn, proofs, sessions, store }),
    passkeys: createPasskeysService({
      database,
      ceremonies,
      limiter,
      notices,
      sessions,
      hasWayIn,
      bindingOf,
    }),
    bindingOf,
    async sweep(): Promise<void> {
      await factors.sweep()
      await totp.sweep()
      await ceremonies.sweep()
    },
  }
}
