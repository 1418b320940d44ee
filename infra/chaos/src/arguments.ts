import { parseArgs } from "node:util"
import { faults } from "./faults/index.js"

export interface Order {
  /** Ids of faults, in the order of their numbers. */
  faults: string[]
  rounds: number
  seed: number
  write: boolean
  verbose: boolean
}

export const USAGE = `npm run chaos -- [options]

  --faults <ids>       such as R3,R6 (all: ${faults.map(({ id }) => id).join(",")})
  --rounds <number>    how often each is done (1)
  --seed <number>      chooses victims and moments (default: by chance; it is printed)
  --write              writes what was measured into docs/reliability.md
  --verbose            tells what happens when
`

/** @throws Error in one sentence when it can't be followed */
export function readArguments(args: string[]): Order | "help" {
  const { values } = parseArgs({
    args,
    options: {
      faults: { type: "string" },
      rounds: { type: "string" },
      seed: { type: "string" },
      write: { type: "boolean" },
      verbose: { type: "boolean" },
      help: { type: "boolean" },
    },
  })
  if (values.help) return "help"
  const known = faults.map(({ id }) => id)
  const wanted = values.faults?.split(",").map((id) => id.trim().toUpperCase()) ?? known
  const unknown = wanted.find((id) => !known.includes(id))
  if (unknown) throw new Error(`--faults: there is no ${unknown}; there are ${known.join(", ")}`)
  const rounds = Number(values.rounds ?? 1)
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000))
  if (!(Number.isInteger(rounds) && rounds > 0)) throw new Error("--rounds must be a whole number above 0")
  if (!Number.isInteger(seed)) throw new Error("--seed must be a whole number")
  const { write = false, verbose = false } = values
  return { faults: known.filter((id) => wanted.includes(id)), rounds, seed, write, verbose }
}
