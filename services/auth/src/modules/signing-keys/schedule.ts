/** All that a key's state depends on. */
export interface KeyTimes {
  /** When it starts to sign. */
  activatesAt: Date
  /** When it is no longer published; open while no other key is to follow it. */
  retiresAt: Date | undefined
}

export interface KeyPolicy {
  modulusBits: number
  /** How long a key signs before the next one does; 0: until somebody rotates. */
  rotationDays: number
  /** How long a new key is published before it signs. */
  publishSeconds: number
  /** How long a key stays published after its successor began to sign. */
  retireSeconds: number
}

const DAY_MS = 86_400_000

// Below, `keys` are sorted, the last one to sign first, and `at` is in milliseconds of the database's clock.

/** The key that signs: of those published, the last one whose time has come. */
export const signingAt = <Key extends KeyTimes>(keys: readonly Key[], at: number): Key | undefined =>
  keys.find((key) => isPublishedAt(key, at) && key.activatesAt.getTime() <= at)

/** The key that is published and does not sign yet. */
export const waitingAt = <Key extends KeyTimes>(keys: readonly Key[], at: number): Key | undefined =>
  keys.find((key) => isPublishedAt(key, at) && key.activatesAt.getTime() > at)

/** The published keys, the signing one first: oidc-provider signs with the first that fits. */
export function publishedAt<Key extends KeyTimes>(keys: readonly Key[], at: number): Key[] {
  const published = keys.filter((key) => isPublishedAt(key, at))
  const signing = signingAt(keys, at)
  return signing ? [signing, ...published.filter((key) => key !== signing)] : published
}

/** When `publishedAt` gives something else for the first time; infinity for never. */
export function nextChangeAfter(keys: readonly KeyTimes[], at: number): number {
  const moments = keys.flatMap(({ activatesAt, retiresAt }) => [
    activatesAt.getTime(),
    retiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
  ])
  return Math.min(...moments.filter((moment) => moment > at))
}

/** Whether the next key must be published now to sign in time. */
export function isNextKeyDue(keys: readonly KeyTimes[], at: number, policy: KeyPolicy): boolean {
  const [newest] = keys
  if (!newest || policy.rotationDays === 0) return false
  return newest.activatesAt.getTime() + policy.rotationDays * DAY_MS <= at + policy.publishSeconds * 1000
}

const isPublishedAt = ({ retiresAt }: KeyTimes, at: number) => !retiresAt || retiresAt.getTime() > at
