import { fileURLToPath } from "node:url"
import { createEgress } from "@gatepost/egress"
import { createHealth, createMetrics } from "@gatepost/http"
import { createIdempotency, databaseChecks, openDatabase, schemaCheck } from "@gatepost/postgres"
import {
  createLogger,
  createSealer,
  deriveKey,
  directUrlOf,
  packageVersion,
  startHousekeeping,
  systemClock,
} from "@gatepost/runtime"
import { createVerifier } from "@gatepost/token-verifier"
import { openAdministration } from "./administration.js"
import { type Config, encryptionOf, keyPolicyOf, secondFactorsOf } from "./config.js"
import { forgetCredentials } from "./forget-credentials.js"
import { openHashing } from "./hashing.js"
import { leaving } from "./leaving.js"
import { openLimiter } from "./limiter.js"
import { openMailbox } from "./mailbox.js"
import { createAccessTokens } from "./modules/access-tokens/index.js"
import { loadApps } from "./modules/apps/index.js"
import { openAudit } from "./modules/audit/index.js"
import { openDepartures } from "./modules/departures/index.js"
import { createEmailChangesService } from "./modules/email-changes/index.js"
import { createEmailVerificationService } from "./modules/email-verification/index.js"
import { openNotificationsFeed } from "./modules/notifications-feed/index.js"
import { oidcArtifactsRepository } from "./modules/oidc/index.js"
import { createGuessAlarm, createOneTimeCodes } from "./modules/one-time-codes/index.js"
import { createPasswordChangesService } from "./modules/password-changes/index.js"
import { createPasswordResetService } from "./modules/password-reset/index.js"
import { openPasswordPolicy } from "./modules/passwords/index.js"
import { createProfilesService } from "./modules/profiles/index.js"
import { createRegistrationService } from "./modules/registration/index.js"
import { createRevocationsService } from "./modules/revocations/index.js"
import { createSignInPolicy, openSecondFactors } from "./modules/second-factors/index.js"
import { createSessionStore, createSessionsService, deviceOf } from "./modules/sessions/index.js"
import { createSignInGuard } from "./modules/sign-in-guard/index.js"
import { openSigningKeys, SIGNING_KEYS_SEALED } from "./modules/signing-keys/index.js"
import { createVerificationCodesService } from "./modules/verification-codes/index.js"
import { WEBHOOKS_SEALED } from "./modules/webhooks/index.js"
import { hasWayIn } from "./way-in.js"
import { openWaysIn } from "./ways-in.js"

export type Parts = Awaited<ReturnType<typeof wire>>

const MANIFEST = new URL("../package.json", import.meta.url)
const SCHEMA = { schema: "auth", directory: fileURLToPath(new URL("../migrations", import.meta.url)) }
const IDEMPOTENCY_TTL_SECONDS = 86_400

/** The composition root: who gets what. */
export async function wire(config: Config) {
  const logger = createLogger("auth", config.LOG_LEVEL)
  const issuer = `${config.PUBLIC_URL}/oidc`
  const audience = config.API_AUDIENCE ?? config.PUBLIC_URL
  const cooldown = config.RATE_LIMITS
  const sealer = (name: "MAIL_ENCRYPTION_SECRET" | "IDEMPOTENCY_SECRET", purpose: string) =>
    createSealer(config[name].reveal(), purpose)
  const { encryptionSecret, previousSecrets } = encryptionOf(config)
  const keySealer = (purpose: string) => createSealer(encryptionSecret, purpose, previousSecrets)

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
  const { limiter, redis } = openLimiter(database, config.REDIS_URL, config.RATE_LIMITS, logger)
  const metrics = createMetrics("auth")
  const health = createHealth({
    service: "auth",
    version: packageVersion(MANIFEST),
    required: { ...databaseChecks(database), schema: schemaCheck(database, SCHEMA) },
    ...(redis && { helpful: { redis: async () => void (await redis.ping()) } }),
  })
  const keys = await openSigningKeys({
    database,
    databaseUrl: directUrlOf(config),
    sealer: keySealer(SIGNING_KEYS_SEALED.purpose),
    policy: keyPolicyOf(config),
    logger,
  })
  const verifier = createVerifier({ issuer, audience, keys: async (kid) => keys.find(kid)?.publicKey })
  const outbox = openMailbox({
    sealer: sealer("MAIL_ENCRYPTION_SECRET", "mail"),
    publicUrl: config.PUBLIC_URL,
    isLimited: config.RATE_LIMITS,
    perMinute: config.MAILS_PER_MINUTE,
  })
  const idempotency = createIdempotency({
    database,
    schema: "auth",
    ttlSeconds: IDEMPOTENCY_TTL_SECONDS,
    sealer: sealer("IDEMPOTENCY_SECRET", "idempotent answers"),
  })
  const { hasher, standIns } = await openHashing({ config, database, logger })
  const passwordPolicy = openPasswordPolicy(config.BREACHED_PASSWORDS_URL, logger)

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
      isLimited: config.RATE_LIMITS,
    },
  })
  const policy = createSignInPolicy({ database, clock: systemClock })
  const signInGuard = createSignInGuard({
    database,
    apps,
    outbox,
    options: { isOn: config.RATE_LIMITS, describeDevice: deviceOf },
  })
  const sessions = createSessionsService({
    database,
    accessTokens,
    apps,
    hasher,
    signInGuard,
    standIns,
    store,
    policy,
  })
  const factorDeps = { database, apps, clock: systemClock, limiter, outbox, sessions, store, hasWayIn }
  const secondFactors = openSecondFactors(factorDeps, secondFactorsOf(config))
  const codes = createOneTimeCodes({
    database,
    options: {
      key: deriveKey(config.REFRESH_TOKEN_SECRET.reveal(), "one-time codes"),
      ttlSeconds: config.OTP_TTL,
    },
  })
  // What all that send links and codes need.
  const mailing = { database, apps, codes, outbox }
  const emailVerification = createEmailVerificationService({
    ...mailing,
    options: { ttlSeconds: config.VERIFY_TOKEN_TTL, cooldown },
  })
  const passwordReset = createPasswordResetService({
    ...mailing,
    hasher,
    passwordPolicy,
    store,
    forgetCredentials,
    options: { ttlSeconds: config.RESET_TOKEN_TTL, cooldown },
  })
  const verificationCodes = createVerificationCodesService({ ...mailing, emailVerification, passwordReset })
  const emailChanges = createEmailChangesService({ ...mailing, passwordReset, options: { cooldown } })
  const choosing = { ...mailing, hasher, limiter, passwordPolicy, sessions }
  const passwordChanges = createPasswordChangesService({ ...choosing, passwordReset })
  const { departures, exports } = openDepartures({
    ...mailing,
    passwordReset,
    policy,
    sessions,
    store,
    ...leaving,
    options: { delaySeconds: config.ACCOUNT_DELETION_DELAY },
  })
  const profiles = createProfilesService({ database, apps })
  const { ownership, guests, signInLinks, social, identities, upstreamRevocations } = openWaysIn({
    ...choosing,
    logger,
    metrics,
    egress,
    emailVerification,
    passwordReset,
    sessions,
    store,
    config,
  })
  const registration = createRegistrationService({ ...choosing, emailVerification, idempotency, signInGuard })
  const revocations = createRevocationsService({
    database,
    databaseUrl: directUrlOf(config),
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
    limiter,
    logger,
    metrics,
    passwordPolicy,
    passwordReset,
    sealer: keySealer(WEBHOOKS_SEALED.purpose),
    store,
  })
  const keeping = { secret: encryptionSecret, previousSecrets, retentionDays: config.AUDIT_RETENTION_DAYS }
  const { audit, auditSealer, sweepAudit } = openAudit({ database, apps, logger, ...keeping })

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
    signInGuard: signInGuard.sweep,
    standIns: standIns.refresh,
    emailVerifications: emailVerification.sweep,
    passwordResets: passwordReset.sweep,
    departures: departures.sweep,
    upstreamRevocations: upstreamRevocations.sweep,
    emailChanges: emailChanges.sweep,
    oneTimeCodes: codes.sweep,
    guessAlarm: createGuessAlarm({ database, metrics, logger }),
    socialAttempts: social.sweep,
    signInLinks: signInLinks.sweep,
    secondFactors: secondFactors.sweep,
    revocations: revocations.sweep,
    signingKeys: keys.sweep,
    oidcArtifacts: () => oidcArtifactsRepository(database.db).deleteExpired(),
    ...administration.sweeps,
    idempotencyKeys: idempotency.sweep,
    audit: sweepAudit,
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
    signInGuard,
    secondFactors,
    emailVerification,
    passwordReset,
    verificationCodes,
    audit,
    auditSealer,
    departures,
    emailChanges,
    exports,
    passwordChanges,
    profiles,
    registration,
    ownership,
    guests,
    signInLinks,
    social,
    identities,
    revocations,
    housekeeping,
    ...administration.parts,
    async close() {
      await housekeeping.stop()
      await auditSealer.stop()
      await revocations.stop()
      await notificationsFeed.stop()
      await upstreamRevocations.stop()
      await administration.stop()
      await keys.stop()
      redis?.disconnect()
      await database.close()
    },
  }
}
