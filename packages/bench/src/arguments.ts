import { parseArgs } from "node:util"
import type { Pace } from "./interleave.js"

export interface Order extends Pace {
  /** Names of scenarios; empty: all. */
  only: string[]
  peers: string[]
}

/** The pace that `docs/benchmarks.md` is made at: under six minutes without peers. */
export const DEFAULT_PACE: Pace = { rounds: 5, seconds: 3 }

export const USAGE = `npm run bench -- [options]

  --only <names>      scenarios, by commas; the documents are then left as they are
  --rounds <number>   how often each has its turn (${DEFAULT_PACE.rounds})
  --seconds <number>  of each turn (${DEFAULT_PACE.seconds})
  --peers <names>     other servers, by commas; installed into a cache folder first
`

const MAX_ROUNDS = 50
const MAX_SECONDS = 60

/**
 * Reads the command line.
 *
 * @throws Error in one sentence when it can't be followed
 */
export function readArguments(
  args: string[],
  known: { scenarios: readonly string[]; peers: readonly string[] },
): Order | "help" {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string" },
      rounds: { type: "string" },
      seconds: { type: "string" },
      peers: { type: "string" },
      help: { type: "boolean" },
    },
  })
  if (values.help) return "help"
  const rounds = Number(values.rounds ?? DEFAULT_PACE.rounds)
  const seconds = Number(values.seconds ?? DEFAULT_PACE.seconds)
  if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= MAX_ROUNDS))
    throw new Error(`--rounds must be a whole number from 1 to ${MAX_ROUNDS}`)
  if (!(seconds >= 0.1 && seconds <= MAX_SECONDS))
    throw new Error(`--seconds must be a number from 0.1 to ${MAX_SECONDS}`)
  return {
    rounds,
    seconds,
    only: listOf("--only", values.only, known.scenarios),
    peers: listOf("--peers", values.peers, known.peers),
  }
}

function listOf(option: string, value: string | undefined, known: readonly string[]): string[] {
  const names = value?.split(",").map((name) => name.trim()) ?? []
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new Error(`${option}: there is no ${unknown || "empty name"}; there are ${known.join(", ")}`)
  return names
}
