import type { StorageAdapter } from "#src/index.js"
import type { VirtualTime } from "./virtual-time.js"

/** Takes a second for everything. */
export function slowStorage(values: Map<string, string>, time: VirtualTime): StorageAdapter {
  const later = async <Result>(work: () => Result): Promise<Result> => {
    await time.sleep(1_000)
    return work()
  }
  return {
    get: (key) => later(() => values.get(key)),
    set: (key, value) => later(() => values.set(key, value)),
    remove: (key) => later(() => values.delete(key)),
    subscribe: () => () => {},
  }
}
