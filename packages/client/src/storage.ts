/** Where the session is kept; each function may be sync or async, and may throw. */
export interface StorageAdapter {
  get(key: string): string | null | undefined | Promise<string | null | undefined>
  set(key: string, value: string): unknown
  remove(key: string): unknown
  /**
   * Tells of changes that others made, until the returned function is called. Without it, a
   * BroadcastChannel tells, where there is one.
   */
  subscribe?(key: string, listener: () => void): () => void
}

/** For one process, until it ends. */
export function memoryStorage(): StorageAdapter {
  const values = new Map<string, string>()
  return {
    get: (key) => values.get(key),
    set: (key, value) => values.set(key, value),
    remove: (key) => values.delete(key),
    subscribe: () => () => {},
  }
}

/** What `localStorage` and `sessionStorage` have in common. */
export interface WebStorageArea {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** The browser's localStorage, shared by all tabs of the origin; or another area. */
export function webStorage(area?: WebStorageArea): StorageAdapter {
  // Looked up at each use: where cookies are blocked, even naming localStorage throws.
  const values = () => area ?? globalThis.localStorage
  return {
    get: (key) => values().getItem(key),
    set: (key, value) => values().setItem(key, value),
    remove: (key) => values().removeItem(key),
    subscribe(key, listener) {
      const onStorage = (event: StorageEvent) => {
        // A null key: everything was cleared.
        if (event.key === key || event.key === null) listener()
      }
      globalThis.addEventListener?.("storage", onStorage)
      return () => globalThis.removeEventListener?.("storage", onStorage)
    },
  }
}

export const defaultStorage = (): StorageAdapter =>
  typeof window !== "undefined" && "localStorage" in window ? webStorage() : memoryStorage()
