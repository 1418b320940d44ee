export interface Emitter<Event> {
  emit(event: Event): void
  /** Returns what ends it. */
  on(listener: (event: Event) => void): () => void
}

/** Listeners are called later and each on its own: what one throws is its own fault, and stops nothing. */
export function createEmitter<Event>(): Emitter<Event> {
  const listeners = new Set<(event: Event) => void>()
  return {
    emit(event) {
      queueMicrotask(() => {
        for (const listener of listeners) queueMicrotask(() => listener(event))
      })
    },
    on(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
