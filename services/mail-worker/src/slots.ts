/** Lets so many at once do something; the others wait, first come, first served. */
export function createSlots(count: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = []
  let free = count

  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      // The slot passes from hand to hand while somebody waits.
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}
