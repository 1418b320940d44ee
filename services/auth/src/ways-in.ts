import type { Egress } from "@gatepost/egress"
import type { Limiter } from "@gatepost/http"
import type { Outbox } from "@gatepost/mail-queue"
import type { Database } from "@gatepost/postgres"
import { createSealer, deriveKey, directUrlOf, type Logger } from "@gatepost/runtime"
import type { Registry } from "prom-client"
import { type Config, encryptionOf } from "./config.js"
import type { Apps } from "./modules/apps/index.js"
import type { EmailVerificationService } from "./modules/email-verification/index.js"
import { createGuestsService } from "./modules/guests/index.js"
import type { OneTimeCodes } from "./modules/one-time-codes/index.js"
import { createOwnership } from "./modules/ownership/index.js"
import type { PasswordResetService } from "./modules/password-reset/index.js"
import type { Hasher, PasswordPolicy } from "./modules/passwords/index.js"
import type { SessionStore, SessionsService } from "./modules/sessions/index.js"
import { createSignInLinksService } from "./modules/sign-in-links/index.js"
import { createSocial, IDENTITIES_SEALED } from "./modules/social/index.js"
import { hasWayIn } from "./way-in.js"

/**
 * The part of the composition root that makes the ways in without a password: by a provider, by a mail, as a guest.
 *
 * @throws ConfigError where a provider can't be used
 */
export function openWaysIn(parts: {
  database: Database
  apps: Apps
  codes: OneTimeCodes
  egress: Egress
  emailVerification: EmailVerificationService
  hasher: Hasher
  limiter: Limiter
  logger: Logger
  metrics: { registry: Registry }
  outbox: Outbox
  passwordPolicy: PasswordPolicy
  passwordReset: PasswordResetService
  sessions: SessionsService
  store: SessionStore
  config: Config
}) {
  const {
    database,
    apps,
    codes,
    egress,
    emailVerification,
    hasher,
    limiter,
    outbox,
    passwordReset,
    sessions,
  } = parts
  const { config, passwordPolicy, store } = parts
  const { encryptionSecret, previousSecrets } = encryptionOf(config)

  const ownership = createOwnership({ database, emailVerification, passwordReset, store })
  const guests = createGuestsService({
    database,
    apps,
    emailVerification,
    hasher,
    limiter,
    passwordPolicy,
    sessions,
  })
  const signInLinks = createSignInLinksService({
    database,
    apps,
    codes,
    outbox,
    ownership,
    options: { ttlSeconds: config.OTP_TTL, cooldown: config.RATE_LIMITS },
  })
  const { social, identities, revocations } = createSocial({
    database,
    apps,
    egress,
    outbox,
    ownership,
    sessions,
    sealer: createSealer(encryptionSecret, IDENTITIES_SEALED.purpose, previousSecrets),
    hasWayIn,
    metrics: parts.metrics,
    logger: parts.logger,
    databaseUrl: directUrlOf(config),
    options: {
      providers: config.SOCIAL_PROVIDERS ?? [],
      publicUrl: config.PUBLIC_URL,
      key: deriveKey(config.REFRESH_TOKEN_SECRET.reveal(), "social sign-in"),
    },
  })
  return { ownership, guests, signInLinks, social, identities, upstreamRevocations: revocations }
}
