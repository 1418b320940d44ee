// Of SQLSTATE: data exceptions and broken constraints.
const BAD_VALUE = /^2[23]/

const isBadValue = (cause: unknown) => BAD_VALUE.test(String((cause as { code?: unknown }).code))

/**
 * Gathers calls while one is under way and runs them together: under load, many changes share one statement
 * and one commit; alone, a call waits for nobody.
 *
 * @param run gets the items of one batch, and gives a result for each, in their order; where PostgreSQL refuses a
 *   value, each item is run once more alone, so that a bad one fails alone; anything else that it throws fails all
 * @param maxItems of one batch
 */
export function createBatches<Item, Result>(
  run: (items: Item[]) => Promise<Result[]>,
  maxItems = 100,
): (item: Item) => Promise<Result> {
  interface Call {
    item: Item
    resolve(result: Result): void
    reject(cause: unknown): void
  }
  let waiting: Call[] = []
  let running = false

  async function runAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxItems)
      waiting = waiting.slice(maxItems)
      await runBatch(batch)
    }
    running = false
  }

  async function runBatch(batch: Call[]): Promise<void> {
    try {
      const results = await run(batch.map(({ item }) => item))
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result)
    } catch (cause) {
      if (batch.length > 1 && isBadValue(cause)) for (const call of batch) await runBatch([call])
      else for (const { reject } of batch) reject(cause)
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (running) return
      running = true
      // What arrives in the same turn of the event loop comes along.
      setImmediate(() => void runAll())
    })
}
