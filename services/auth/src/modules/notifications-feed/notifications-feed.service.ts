import { type Fact, MAX_FACTS } from "@gatepost/contracts"
import type { Metrics } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import { createPulse, type Logger } from "@gatepost/runtime"
import type { Apps } from "../apps/index.js"
import type { SigningKeys } from "../signing-keys/index.js"
import { notificationsFeedRepository, type StoredFact } from "./notifications-feed.repository.js"
import { createServiceToken } from "./service-token.js"
import { createTeller } from "./teller.js"
import { toWireFact } from "./wire-facts.js"

export interface NotificationsFeedDeps {
  database: Database
  /** Where the notifications API is; if unset nobody is told anything, and nothing is kept for telling. */
  url: string | undefined
  apps: Apps
  defaultApp: string
  keys: SigningKeys
  issuer: string
  audience: string
  metrics: Metrics
  logger: Logger
}

export interface NotificationsFeed {
  /** Waits for what is on its way. */
  stop(): Promise<void>
}

const POLL_MS = 1_000
const CHUNK = 500
// A call takes five seconds at most, and a batch that is refused is told one by one.
const LEASE_SECONDS = 60
const LONGEST_PAUSE_SECONDS = 60

/**
 * Tells the notifications API of people, apps and what happened to them (ADR 0025): at least once, until it has taken
 * each, by any number of processes. Out of the way of every request.
 */
export function openNotificationsFeed(deps: NotificationsFeedDeps): NotificationsFeed {
  const { database, url, logger } = deps
  const repository = notificationsFeedRepository(database.db)
  const tell = url ? createTeller({ url, token: createServiceToken(deps) }) : undefined
  let isPrepared = false

  if (url)
    deps.metrics.gauge({
      name: "notifications_feed_oldest_seconds",
      help: "Seconds since the oldest thing happened that the notifications API was not told of; 0 for none",
      label: "feed",
      values: async () => ({ facts: await repository.findOldestSeconds() }),
    })
  const pulse = createPulse({
    name: "notifications feed",
    intervalMs: POLL_MS,
    logger,
    task: async () => {
      if (!isPrepared) await prepare()
      isPrepared = true
      if (!tell) return
      await database.transaction((trx) => notificationsFeedRepository(trx).insertNextContacts(CHUNK))
      await tellDue(tell)
    },
  })
  pulse.start()
  return { stop: pulse.stop }

  async function prepare(): Promise<void> {
    if (!url) return repository.deleteFeed()
    await database.transaction((trx) => notificationsFeedRepository(trx).insertFeed())
    // Anew at each start: they come from a file.
    await repository.insertFact(appsFact(deps))
  }

  async function tellDue(tell: ReturnType<typeof createTeller>): Promise<void> {
    const due = await repository.claimDue(MAX_FACTS, LEASE_SECONDS)
    if (due.length === 0) return
    const facts = due.map((stored) => ({ stored, fact: toWireFact(stored) }))
    const lost = facts.filter(({ fact }) => !fact).map(({ stored }) => stored)
    await giveUp(lost, "it is no fact")
    const sound = facts.flatMap(({ stored, fact }) => (fact ? [{ stored, fact }] : []))
    if (sound.length > 0) await tellSome(tell, sound)
    if (due.length === MAX_FACTS) pulse.wake()
  }

  async function tellSome(tell: ReturnType<typeof createTeller>, some: { stored: StoredFact; fact: Fact }[]) {
    const stored = some.map((one) => one.stored)
    const { kind, answer } = await tell(some.map(({ fact }) => fact))
    if (kind === "told") return repository.deleteTold(stored.map(({ number }) => number))
    if (kind === "refused" && some.length > 1) {
      // One that is refused must not hold up the others.
      for (const one of some) await tellSome(tell, [one])
      return
    }
    if (kind === "refused") return giveUp(stored, answer)
    const tries = Math.max(...stored.map((fact) => fact.tries))
    const seconds = Math.min(2 ** (tries - 1), LONGEST_PAUSE_SECONDS) * (0.8 + 0.4 * Math.random())
    logger.info(
      { answer, facts: stored.length, tries },
      "the notifications API was not told, and will be again",
    )
    await repository.updateDue(
      stored.map(({ number }) => number),
      seconds,
      answer,
    )
  }

  async function giveUp(stored: StoredFact[], answer: string): Promise<void> {
    for (const { id, fact } of stored)
      logger.error({ fact: id, kind: fact.kind, answer }, "a fact is given up")
    if (stored.length > 0) await repository.deleteTold(stored.map(({ number }) => number))
  }
}

const appsFact = ({ apps, defaultApp }: NotificationsFeedDeps) => ({
  kind: "apps",
  apps: apps.list().map((app) => ({
    client_id: app.client_id,
    name: app.client_name,
    mail_from: app.mail_from,
    color: app.colors.primary,
    is_default: app.client_id === defaultApp,
  })),
})
