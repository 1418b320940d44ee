import { signingAt } from "./schedule.js"
import type { SigningKeyHistory } from "./signing-keys.repository.js"

type KeyState = "published" | "active" | "retiring" | "gone" | "revoked"

interface KeyStateRow {
  kid: string
  state: KeyState
  /** When it came into this state. */
  since: Date
  /** When the next state begins, as far as that is settled. */
  until: Date | undefined
}

/** @param keys the last one to sign first */
function keyStates(keys: readonly SigningKeyHistory[]): KeyStateRow[] {
  const at = keys[0]?.readAt.getTime() ?? 0
  const active = signingAt(keys, at)
  return keys.map((key, index) => ({ kid: key.kid, ...stateOf(key, keys.slice(0, index)) }))

  function stateOf(key: SigningKeyHistory, later: SigningKeyHistory[]): Omit<KeyStateRow, "kid"> {
    const { createdAt, activatesAt, retiresAt, revokedAt } = key
    const successor = later.findLast(hasOrWillHaveSigned)
    if (revokedAt) return { state: "revoked", since: revokedAt, until: undefined }
    if (retiresAt && retiresAt.getTime() <= at) return { state: "gone", since: retiresAt, until: undefined }
    if (activatesAt.getTime() > at) return { state: "published", since: createdAt, until: activatesAt }
    if (key === active) return { state: "active", since: activatesAt, until: successor?.activatesAt }
    return { state: "retiring", since: successor?.activatesAt ?? activatesAt, until: retiresAt }
  }
}

/** A table for people; times are in UTC. */
export function keyTable(keys: readonly SigningKeyHistory[]): string {
  const rows = keyStates(keys).map(({ kid, state, since, until }) => [kid, state, time(since), time(until)])
  return [["kid", "state", "since", "until"], ...rows].map(line).join("\n")
}

const WIDTHS = [45, 11, 22, 0]

const line = (cells: (string | undefined)[]) =>
  cells
    .map((cell, column) => (cell ?? "-").padEnd(WIDTHS[column] ?? 0))
    .join("")
    .trimEnd()

const time = (date: Date | undefined) => date?.toISOString().replace(/\.\d+/, "")

const hasOrWillHaveSigned = ({ activatesAt, revokedAt }: SigningKeyHistory) =>
  !revokedAt || activatesAt <= revokedAt
