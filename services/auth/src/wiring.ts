import { createEgress } from "@gatepost/egress"
import { createHealth, createLimiter, createMetrics, unlimited } from "@gatepost/http"
import { createOutbox } from "@gatepost/mail-queue"
import { createIdempotency, openDatabase } from "@gatepost/postgres"
import {
  createLogger,
  createSealer,
  deriveKey,
  packageVersion,
  startHousekeeping,
  systemClock,
} from "@gatepost/runtime"
import { createVerifier } from "@gatepost/token-verifier"
import { Redis } from "ioredis"
import { openAdministration } from "./administration.js"
import { type Config, keyPolicyOf, secondFactorsOf } from "./config.js"
import { openHashing } from "./hashing.js"
import { createAccessTokens } from "./modules/access-tokens/index.js"
import { isGuestEmail } from "./modules/accounts/index.js"
import { apiKeysRepository } from "./modules/api-keys/index.js"
import { loadApps } from "./modules/apps/index.js"
import { createEmailChangesService } from "./modules/email-changes/index.js"
import { createEmailVerificationService } from "./modules/email-verification/index.js"
import { openNotificationsFeed } from "./modules/notifications-feed/index.js"
import { oidcArtifactsRepository } from "./modules/oidc/index.js"
import { createOneTimeCodes } from "./modules/one-time-codes/index.js"
import type { ForgetCredentials } from "./modules/ownership/index.js"
import { createPasswordChangesService } from "./modules/password-changes/index.js"
import { createPasswordResetService } from "./modules/password-reset/index.js"
import { createProfilesService } from "./modules/profiles/index.js"
import { createRegistrationService } from "./modules/registration/index.js"
import { createRevocationsService } from "./modules/revocations/index.js"
import { createSignInPolicy, openSecondFactors } from "./modules/second-factors/index.js"
import { createSessionStore, createSessionsService } from "./modules/sessions/index.js"
import { openSigningKeys } from "./modules/signing-keys/index.js"
import { identitiesRepository } from "./modules/social/index.js"
import { createVerificationCodesService } from "./modules/verification-codes/index.js"
import { openWaysIn } from "./ways-in.js"

export type Parts = Awaited<ReturnType<typeof wire>>

const MANIFEST = new URL("../package.json", import.meta.url)
const IDEMPOTENCY_TTL_SECONDS = 86_400

/** The composition root: who gets what. */
export async function wire(config: Config) {
  const logger = createLogger("auth", config.LOG_LEVEL)
  const issuer = `${config.PUBLIC_URL}/oidc`
  const audience = config.API_AUDIENCE ?? config.PUBLIC_URL
  const cooldown = config.RATE_LIMITS
  const sealer = (
    name: "KEY_ENCRYPTION_SECRET" | "MAIL_ENCRYPTION_SECRET" | "IDEMPOTENCY_SECRET",
    purpose: string,
  ) => createSealer(config[name].reveal(), purpose)

  const egress = createEgress({ allowLoopback: config.EGRESS_ALLOW === "loopback" })
  const apps = loadApps({
    file: config.APPS_FILE,
    defaultApp: config.DEFAULT_APP,
    publicUrl: config.PUBLIC_URL,
    jwksUrl: config.JWKS_URL,
    egress,
  })
  const database = openDatabase({
    url: config.DATABASE_URL,
    applicationName: "gatepost auth",
    poolSize: config.DB_POOL_SIZE,
    prepared: config.DB_PREPARED,
  })
  const redis = config.REDIS_URL ? openRedis(config.REDIS_URL) : undefined
  const limiter = config.RATE_LIMITS
    ? createLimiter(
        redis ? { kind: "redis", client: redis } : { kind: "postgres", db: database.db, schema: "auth" },
      )
    : unlimited
  const metrics = createMetrics("auth")
  const health = createHealth({
    service: "auth",
    version: packageVersion(MANIFEST),
    required: { database: database.ping },
    ...(redis && { helpful: { redis: async () => void (await redis.ping()) } }),
  })
  const keys = await openSigningKeys({
    database,
    databaseUrl: config.DATABASE_URL,
    sealer: sealer("KEY_ENCRYPTION_SECRET", "signing keys"),
    policy: keyPolicyOf(config),
    logger,
  })
  const verifier = createVerifier({ issuer, audience, keys: async (kid) => keys.find(kid)?.publicKey })
  const allMail = createOutbox({
    sealer: sealer("MAIL_ENCRYPTION_SECRET", "mail"),
    messageIdDomain: new URL(config.PUBLIC_URL).hostname,
  })
  // A guest's address is no mailbox.
  const outbox: typeof allMail = {
    ...allMail,
    enqueue: async (trx, mail) => (isGuestEmail(mail.recipient) ? undefined : allMail.enqueue(trx, mail)),
  }
  const idempotency = createIdempotency({
    database,
    schema: "auth",
    ttlSeconds: IDEMPOTENCY_TTL_SECONDS,
    sealer: sealer("IDEMPOTENCY_SECRET", "idempotent answers"),
  })
  const { hasher, standIns } = await openHashing({ config, database, logger })

  const accessTokens = createAccessTokens({
    apps,
    keys,
    clock: systemClock,
    options: { issuer, audience, ttlSeconds: config.ACCESS_TOKEN_TTL },
  })
  const store = createSessionStore({
    database,
    apps,
    outbox,
    options: {
      refreshTokenSecret: config.REFRESH_TOKEN_SECRET.reveal(),
      refreshTtlSeconds: config.REFRESH_TOKEN_TTL,
      absoluteTtlSeconds: config.SESSION_ABSOLUTE_TTL,
      retryWindowSeconds: config.REFRESH_RETRY_WINDOW,
    },
  })
  const policy = createSignInPolicy({ database, clock: systemClock })
  const sessions = createSessionsService({ database, accessTokens, apps, hasher, standIns, store, policy })
  const factorDeps = { database, apps, clock: systemClock, outbox, sessions, store }
  const secondFactors = openSecondFactors(factorDeps, secondFactorsOf(config))
  const codes = createOneTimeCodes({
    database,
    options: {
      key: deriveKey(config.REFRESH_TOKEN_SECRET.reveal(), "one-time codes"),
      ttlSeconds: config.OTP_TTL,
    },
  })
  const emailVerification = createEmailVerificationService({
    database,
    apps,
    codes,
    outbox,
    options: { ttlSeconds: config.VERIFY_TOKEN_TTL, cooldown },
  })
  // Whatever signs in besides a password: gone with it, where a stranger made the account (check 28).
  const forgetCredentials: ForgetCredentials = async (trx, accountId) => {
    await identitiesRepository(trx).deleteAll(accountId)
    await apiKeysRepository(trx).deleteAll(accountId)
  }
  const passwordReset = createPasswordResetService({
    database,
    apps,
    codes,
    hasher,
    outbox,
    store,
    forgetCredentials,
    options: { ttlSeconds: config.RESET_TOKEN_TTL, cooldown },
  })
  const verificationCodes = createVerificationCodesService({
    database,
    apps,
    emailVerification,
    passwordReset,
  })
  const emailChanges = createEmailChangesService({
    database,
    apps,
    codes,
    outbox,
    passwordReset,
    options: { cooldown },
  })
  const passwordChanges = createPasswordChangesService({ database, hasher, passwordReset, sessions })
  const profiles = createProfilesService({ database, apps })
  const { ownership, guests, signInLinks, social, identities } = openWaysIn({
    database,
    apps,
    codes,
    egress,
    emailVerification,
    hasher,
    outbox,
    passwordReset,
    sessions,
    store,
    config,
  })
  const registration = createRegistrationService({
    apps,
    database,
    emailVerification,
    hasher,
    idempotency,
    sessions,
  })
  const revocations = createRevocationsService({
    database,
    databaseUrl: config.DATABASE_URL,
    isDraining: health.isDraining,
    logger,
  })
  const administration = await openAdministration({
    config,
    database,
    apps,
    egress,
    hasher,
    issuer,
    keys,
    logger,
    metrics,
    passwordReset,
    sealer: sealer("KEY_ENCRYPTION_SECRET", "webhook secrets"),
    store,
  })

  const notificationsFeed = openNotificationsFeed({
    database,
    url: config.NOTIFICATIONS_URL,
    apps,
    defaultApp: config.DEFAULT_APP,
    keys,
    issuer,
    audience,
    metrics,
    logger,
  })

  const housekeeping = startHousekeeping(logger, {
    sessions: store.sweep,
    standIns: standIns.refresh,
    emailVerifications: emailVerification.sweep,
    passwordResets: passwordReset.sweep,
    emailChanges: emailChanges.sweep,
    oneTimeCodes: codes.sweep,
    socialAttempts: social.sweep,
    signInLinks: signInLinks.sweep,
    secondFactors: secondFactors.sweep,
    revocations: revocations.sweep,
    signingKeys: keys.sweep,
    oidcArtifacts: () => oidcArtifactsRepository(database.db).deleteExpired(),
    ...administration.sweeps,
    idempotencyKeys: idempotency.sweep,
  })

  return {
    config,
    logger,
    issuer,
    audience,
    apps,
    database,
    limiter,
    metrics,
    health,
    keys,
    verifier,
    store,
    sessions,
    secondFactors,
    emailVerification,
    passwordReset,
    verificationCodes,
    emailChanges,
    passwordChanges,
    profiles,
    registration,
    ownership,
    guests,
    signInLinks,
    social,
    identities,
    revocations,
    ...administration.parts,
    async close() {
      housekeeping.stop()
      await revocations.stop()
      await administration.stop()
      await notificationsFeed.stop()
      await keys.stop()
      redis?.disconnect()
      await database.close()
    },
  }
}

/** Limits fall back to memory at once while Redis is away, so nothing may queue up for it. */
function openRedis(url: string): Redis {
  const redis = new Redis(url, { enableOfflineQueue: false, connectTimeout: 1_000, commandTimeout: 500 })
  return redis.on("error", () => {})
}
