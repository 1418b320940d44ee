import { parseArgs } from "node:util"
import type { Pace } from "./interleave.js"

export interface Order extends Pace {
  /** Names of scenarios; empty: all. */
  only: string[]
  peers: string[]
}

/** What can be asked for. */
export interface Known {
  scenarios: readonly string[]
  peers: readonly string[]
}

/** The pace that `docs/benchmarks.md` is made at. */
export const DEFAULT_PACE: Pace = { rounds: 5, seconds: 3 }
/** Enough to see that all runs, and nothing else. */
const QUICK_PACE: Pace = { rounds: 1, seconds: 1 }

export const usage = ({ scenarios, peers }: Known) => `npm run bench -- [options]

  --only <names>      scenarios, by commas; the documents are then left as they are
  --peers <names>     other servers and guards, by commas, or "all"; installed into a cache folder first
  --rounds <number>   how often each has its turn (${DEFAULT_PACE.rounds})
  --seconds <number>  of each turn (${DEFAULT_PACE.seconds})
  --quick             one turn of a second: whether all runs, not how fast

scenarios  ${scenarios.join(", ")}
peers      ${peers.join(", ")}
`

const MAX_ROUNDS = 50
const MAX_SECONDS = 60
const ALL = "all"

/**
 * Reads the command line.
 *
 * @throws Error in one sentence when it can't be followed
 */
export function readArguments(args: string[], known: Known): Order | "help" {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string" },
      peers: { type: "string" },
      rounds: { type: "string" },
      seconds: { type: "string" },
      quick: { type: "boolean" },
      help: { type: "boolean" },
    },
  })
  if (values.help) return "help"
  const pace = values.quick ? QUICK_PACE : DEFAULT_PACE
  const rounds = Number(values.rounds ?? pace.rounds)
  const seconds = Number(values.seconds ?? pace.seconds)
  if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= MAX_ROUNDS))
    throw new Error(`--rounds must be a whole number from 1 to ${MAX_ROUNDS}`)
  if (!(seconds >= 0.1 && seconds <= MAX_SECONDS))
    throw new Error(`--seconds must be a number from 0.1 to ${MAX_SECONDS}`)
  return {
    rounds,
    seconds,
    only: listOf("--only", values.only, known.scenarios),
    peers: values.peers === ALL ? [...known.peers] : listOf("--peers", values.peers, known.peers),
  }
}

function listOf(option: string, value: string | undefined, known: readonly string[]): string[] {
  const names = value?.split(",").map((name) => name.trim()) ?? []
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new Error(`${option}: there is no ${unknown || "empty name"}; there are ${known.join(", ")}`)
  return names
}
