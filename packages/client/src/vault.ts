import type { StorageAdapter } from "./storage.js"

/** One value in a storage that may fail. */
export interface Vault {
  /** Sync where the storage is. Never throws. */
  read(): string | undefined | Promise<string | undefined>
  /** Nothing removes the value. Never rejects. */
  write(value: string | undefined): Promise<void>
}

/**
 * Keeps a copy in memory, which serves while the storage fails: private mode, a full disk, a keychain
 * that is locked with the phone. What could not be written is tried again at each use.
 *
 * @param failed told when the storage begins to fail
 */
export function createVault(storage: StorageAdapter, key: string, failed: (cause: unknown) => void): Vault {
  let known: string | undefined
  let isUnwritten = false
  let isFailing = false

  return {
    read() {
      if (isUnwritten) return write(known).then(() => known)
      try {
        const value = storage.get(key)
        return isPromise(value) ? value.then(remember, fallBack) : remember(value)
      } catch (cause) {
        return fallBack(cause)
      }
    },
    write,
  }

  async function write(value: string | undefined): Promise<void> {
    known = value
    try {
      await put(value)
    } catch (cause) {
      try {
        // A full storage has room again without the old value. And a spent refresh token must not stay
        // behind: the next start would present it, and it would look stolen.
        await storage.remove(key)
        await put(value)
      } catch {
        isUnwritten = true
        fallBack(cause)
        return
      }
    }
    isUnwritten = false
    isFailing = false
  }

  async function put(value: string | undefined): Promise<void> {
    await (value === undefined ? storage.remove(key) : storage.set(key, value))
  }

  function remember(value: string | null | undefined): string | undefined {
    isFailing = false
    known = value ?? undefined
    return known
  }

  function fallBack(cause: unknown): string | undefined {
    if (!isFailing) failed(cause)
    isFailing = true
    return known
  }
}

/** Not `instanceof`: React Native has more than one Promise. */
const isPromise = (value: unknown): value is Promise<string | null | undefined> =>
  typeof value === "object" && value !== null && "then" in value
