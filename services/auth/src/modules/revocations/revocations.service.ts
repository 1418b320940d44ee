import { Problem } from "@gatepost/http"
import { type Database, listen } from "@gatepost/postgres"
import type { Logger } from "@gatepost/runtime"
import { CHANNEL, revocationsRepository } from "./revocations.repository.js"
import type { RevocationPage } from "./revocations.types.js"
import { createRounds } from "./rounds.js"

export interface RevocationsDeps {
  database: Database
  /** Of the same database, for a connection that listens. */
  databaseUrl: string
  /** Whether this process is about to stop, so that followers have to go elsewhere. */
  isDraining(): boolean
  logger: Logger
}

export type RevocationsService = ReturnType<typeof createRevocationsService>

// Where NOTIFY gets lost (PgBouncer), a revocation is seen after this time.
const FOLLOW_INTERVAL_MS = 500
const PAGE_SIZE = 500
// Half of the connections that this process takes (SECURITY.md section 2).
const MAX_FOLLOWERS = 1_000

/** The feed of the sessions that have ended before their time (DESIGN.md D6). */
export function createRevocationsService({ database, databaseUrl, isDraining, logger }: RevocationsDeps) {
  const repository = revocationsRepository(database.db)
  let followers = 0
  // What was read since the last round: most followers are at the same place, and share it.
  const pages = new Map<number, Promise<RevocationPage>>()
  const rounds = createRounds(async () => {
    await repository.updateUnpublished()
    pages.clear()
  })
  const wake = () => {
    if (followers > 0) rounds.wake()
  }
  const poll = setInterval(wake, FOLLOW_INTERVAL_MS).unref()
  const listener = listen(databaseUrl, CHANNEL, wake, logger)

  return {
    /** What was revoked after a place in the feed; all that counts when that is 0. */
    async list(after: number, limit: number): Promise<RevocationPage> {
      await repository.updateUnpublished()
      return readPage(after, limit)
    },

    /**
     * The same without an end: pages as they come, at least two in a second, which may be empty. Whoever has
     * read a last page knows everything that was committed before it was asked for. Ends when this process
     * is about to stop.
     *
     * @throws Problem `server.unavailable` where nobody more can follow
     */
    async *follow(after: number): AsyncGenerator<RevocationPage, void> {
      if (isDraining() || followers >= MAX_FOLLOWERS) throw new Problem("server.unavailable")
      followers += 1
      try {
        let position = after
        let round = rounds.begun()
        rounds.wake()
        while (!isDraining()) {
          round = await rounds.after(round)
          for (let isLast = false; !isLast; ) {
            const page = await pageAfter(position)
            yield page
            ;({ position, isLast } = page)
          }
        }
      } finally {
        followers -= 1
      }
    },

    /** Deletes what is over, and gives a time to what nobody has asked for. */
    async sweep(): Promise<number> {
      await repository.updateUnpublished()
      return repository.deleteExpired()
    },

    async stop(): Promise<void> {
      clearInterval(poll)
      await listener.close()
    },
  }

  function pageAfter(position: number): Promise<RevocationPage> {
    const known = pages.get(position)
    if (known) return known
    const page = readPage(position, PAGE_SIZE)
    pages.set(position, page)
    return page
  }

  async function readPage(after: number, limit: number): Promise<RevocationPage> {
    const items = await repository.listPublished(after, limit)
    return { items, position: items.at(-1)?.seq ?? after, isLast: items.length < limit }
  }
}
