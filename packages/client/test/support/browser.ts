import type { Locks, StorageAdapter } from "#src/index.js"

/** What the tabs of one browser share. */
export interface Browser {
  /** What is stored. */
  values: Map<string, string>
  tab(options?: { isDeaf?: boolean }): BrowserTab
}

export interface BrowserTab {
  storage: StorageAdapter
  locks: Locks
  /** Ends the tab as a crash does: what it holds is freed, and nothing it does counts any more. */
  crash(): void
  isCrashed(): boolean
  /** Makes it crash at its next write. */
  crashAtWrite(when: "before" | "after"): void
}

interface Waiting {
  owner: object
  grant: () => void
}

/** Stands in for localStorage with its events, and for Web Locks. A deaf tab hears no events. */
export function createBrowser(): Browser {
  const values = new Map<string, string>()
  const listeners = new Map<object, () => void>()
  const holders = new Map<string, object>()
  const waiting = new Map<string, Waiting[]>()

  return {
    values,
    tab({ isDeaf = false } = {}) {
      const owner = {}
      let isCrashed = false
      let crashAt: "before" | "after" | undefined
      const tell = () => {
        for (const [listener, call] of listeners) if (listener !== owner) queueMicrotask(call)
      }
      const crash = () => {
        isCrashed = true
        listeners.delete(owner)
        for (const [name, queue] of waiting) {
          waiting.set(
            name,
            queue.filter((entry) => entry.owner !== owner),
          )
          if (holders.get(name) === owner) release(name)
        }
      }
      return {
        crash,
        isCrashed: () => isCrashed,
        crashAtWrite(when) {
          crashAt = when
        },
        storage: {
          get: (key) => values.get(key) ?? null,
          set(key, value) {
            if (crashAt === "before") crash()
            if (isCrashed) return
            values.set(key, value)
            tell()
            if (crashAt === "after") crash()
          },
          remove(key) {
            if (isCrashed) return
            values.delete(key)
            tell()
          },
          subscribe(_key, listener) {
            if (!isDeaf) listeners.set(owner, listener)
            return () => listeners.delete(owner)
          },
        },
        locks: {
          async request(name, { signal }, callback) {
            await granted(name, owner, signal)
            try {
              await callback()
            } finally {
              if (holders.get(name) === owner) release(name)
            }
          },
        },
      }
    },
  }

  function granted(name: string, owner: object, signal: AbortSignal): Promise<void> {
    const queue = waiting.get(name) ?? []
    waiting.set(name, queue)
    return new Promise((resolve, reject) => {
      const entry = { owner, grant: resolve }
      queue.push(entry)
      signal.addEventListener("abort", () => {
        const index = queue.indexOf(entry)
        if (index < 0) return
        queue.splice(index, 1)
        reject(new DOMException("The request was aborted", "AbortError"))
      })
      if (!holders.has(name)) release(name)
    })
  }

  /** Gives the lock to whoever is next. */
  function release(name: string): void {
    holders.delete(name)
    const next = waiting.get(name)?.shift()
    if (!next) return
    holders.set(name, next.owner)
    next.grant()
  }
}
