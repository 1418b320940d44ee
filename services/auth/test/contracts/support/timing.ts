import assert from "node:assert/strict"

/** Milliseconds. */
export interface Samples {
  known: number[]
  unknown: number[]
}

const WARM_UPS = 20
const FIRST_LOOK = 60
const ALL = 400
const AGAIN = 200
const MAX_AUC = 0.6

/**
 * The T-rule of SECURITY.md section 1: nobody can tell from the time of an answer whether an address is
 * known. Interleaved, sequential, one client. A clear pass after 60 samples is one; a busy machine's
 * doubtful look goes on to all 400 (CONTRACT_TIMING=full: always). What is found then must be found once more in
 * samples of their own: a burst of load passes, a leak stays.
 */
export async function assertSameTime(
  known: () => Promise<unknown>,
  unknown: () => Promise<unknown>,
): Promise<void> {
  const take = async (count: number, samples: Samples = { known: [], unknown: [] }): Promise<Samples> => {
    while (samples.known.length < count) {
      // Whoever comes first, comes second the next time.
      const order =
        samples.known.length % 2 ? (["known", "unknown"] as const) : (["unknown", "known"] as const)
      for (const which of order) samples[which].push(await timed(which === "known" ? known : unknown))
    }
    return samples
  }

  for (let turn = 0; turn < WARM_UPS; turn++) await Promise.resolve(known()).then(unknown)
  const samples = await take(process.env.CONTRACT_TIMING === "full" ? ALL : FIRST_LOOK)
  if (faultOf(samples) === undefined) return
  if (faultOf(await take(ALL, samples)) === undefined) return
  assert.equal(faultOf(await take(AGAIN)), undefined)
}

/** @returns what gives it away, if something does */
export function faultOf({ known, unknown }: Samples): string | undefined {
  const [a, b] = [median(known), median(unknown)]
  const difference = Math.abs(a - b)
  const area = aucOf(known, unknown)
  const isAlike = difference < Math.max(5, 0.1 * Math.max(a, b)) && Math.max(area, 1 - area) <= MAX_AUC
  if (isAlike) return undefined
  return `medians ${a.toFixed(1)} and ${b.toFixed(1)} ms, area under the curve ${area.toFixed(3)}`
}

async function timed(call: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await call()
  return performance.now() - started
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.floor(middle - 0.5)] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2
}

/** How often a threshold on one sample would guess right, over all thresholds: Mann and Whitney's U, scaled. */
function aucOf(one: number[], other: number[]): number {
  let wins = 0
  for (const a of one) for (const b of other) wins += a > b ? 1 : a === b ? 0.5 : 0
  return wins / (one.length * other.length)
}
