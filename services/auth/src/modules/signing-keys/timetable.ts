import type { SigningKey } from "./keyring.js"
import { type KeyTimes, nextChangeAfter, publishedAt } from "./schedule.js"

/** The keys as they were read once, moving on with time: none has to be read again to become active or go. */
export interface Timetable {
  /** The keys that are published now, the signing one first. */
  list(): readonly SigningKey[]
  /** Until `list` gives something else; infinity for never. */
  msToNextChange(): number
}

/**
 * @param keys the last one to sign first
 * @param readAt the database's time when they were read: from there on this process's monotonic clock counts,
 *   so that no process needs a right time of day
 */
export function createTimetable(keys: readonly (SigningKey & KeyTimes)[], readAt: Date): Timetable {
  const startedAt = performance.now()
  const now = () => readAt.getTime() + performance.now() - startedAt
  let published = publishedAt(keys, now())
  let changesAt = nextChangeAfter(keys, now())

  return {
    list() {
      const at = now()
      if (at >= changesAt) {
        published = publishedAt(keys, at)
        changesAt = nextChangeAfter(keys, at)
      }
      return published
    },
    msToNextChange: () => nextChangeAfter(keys, now()) - now(),
  }
}
