import { type Database, listen } from "@gatepost/postgres"
import type { Logger, Sealer } from "@gatepost/runtime"
import { createKeyring, type SigningKey } from "./keyring.js"
import { createKeyRotation } from "./rotation.js"
import { isNextKeyDue, type KeyPolicy } from "./schedule.js"
import { CHANNEL, type SigningKeyRecord, signingKeysRepository } from "./signing-keys.repository.js"
import { createTimetable } from "./timetable.js"

/** The key set of this process, in step with the database's (DESIGN.md D7). */
export interface SigningKeys {
  /** The key that signs now. */
  current(): SigningKey
  /** Every published key, the signing one first. */
  list(): readonly SigningKey[]
  find(kid: string): SigningKey | undefined
  /** Calls back when the set changed, or another key of it signs. */
  onChange(listener: () => void): void
  /** Erases the private halves of keys that are gone; returns how many. */
  sweep(): Promise<number>
  stop(): Promise<void>
}

// NOTIFY tells of a change at once; where it gets lost (PgBouncer), the change is seen after this time.
const FOLLOW_INTERVAL_MS = 10_000
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * Loads the keys, making the first one where there never was any; then follows every change, and rotates them
 * when it is time.
 *
 * @throws ConfigError when KEY_ENCRYPTION_SECRET is not the one the keys were sealed with, or the keys are
 * lost: a new identity is never minted in silence (R12)
 */
export async function openSigningKeys(deps: {
  database: Database
  /** Of the same database, for a connection that listens. */
  databaseUrl: string
  sealer: Sealer
  policy: KeyPolicy
  logger: Logger
}): Promise<SigningKeys> {
  const { database, databaseUrl, sealer, policy, logger } = deps
  const repository = signingKeysRepository(database.db)
  const rotation = createKeyRotation({ database, sealer, policy })
  const keyring = createKeyring(sealer)
  const listeners: (() => void)[] = []
  let nextChange: NodeJS.Timeout | undefined
  let following: Promise<void> | undefined
  let isStale = false

  await rotation.ensureFirstKey()
  let timetable = createTimetableOf(await repository.listPublished())
  let announced = idsOf(timetable.list())
  announceChanges()
  const poll = setInterval(follow, FOLLOW_INTERVAL_MS).unref()
  const listener = listen(databaseUrl, CHANNEL, follow, logger)

  return {
    current() {
      const [key] = timetable.list()
      if (!key) throw new Error("there is no signing key")
      return key
    },
    list: () => timetable.list(),
    find: (kid) => timetable.list().find((key) => key.kid === kid),
    onChange: (onChange) => void listeners.push(onChange),
    sweep: rotation.sweep,
    async stop() {
      clearInterval(poll)
      await listener.close()
      await following
      clearTimeout(nextChange)
    },
  }

  /** One read at a time, so that no older one comes last; who calls meanwhile is served by another read. */
  function follow(): void {
    isStale = true
    following ??= catchUp().finally(() => {
      following = undefined
    })
  }

  async function catchUp(): Promise<void> {
    while (isStale) {
      isStale = false
      await readAgain().catch((cause: unknown) => {
        logger.warn({ err: cause }, "following the signing keys failed: the known ones stay in use")
      })
    }
  }

  async function readAgain(): Promise<void> {
    const records = await repository.listPublished()
    const [newest] = records
    if (!newest) throw new Error("auth.signing_keys has no published key")
    timetable = createTimetableOf(records)
    announceChanges()
    if (!isNextKeyDue(records, newest.readAt.getTime(), policy)) return
    const outcome = await rotation.rotate({ immediately: false, trigger: "schedule" })
    logger.info(outcome, "it is time for the next signing key")
  }

  /** Now, and again whenever time alone changes something. */
  function announceChanges(): void {
    clearTimeout(nextChange)
    nextChange = setTimeout(announceChanges, Math.min(timetable.msToNextChange(), LONGEST_TIMER_MS)).unref()
    const kids = idsOf(timetable.list())
    if (kids === announced) return
    announced = kids
    for (const listener of listeners) listener()
  }

  function createTimetableOf(records: SigningKeyRecord[]) {
    return createTimetable(keyring.open(records), records[0]?.readAt ?? new Date())
  }
}

const idsOf = (keys: readonly SigningKey[]) => keys.map(({ kid }) => kid).join()
