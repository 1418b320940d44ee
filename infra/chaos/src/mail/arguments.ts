import { parseArgs } from "node:util"
import type { Backend } from "@gatepost/fleet"
import type { Plan } from "./campaign.js"
import type { ReceiverKind } from "./receiver.js"

export const parts = ["campaigns", "recovery", "lanes", "black-hole"] as const

export type Part = (typeof parts)[number]

export interface Order {
  seed: number
  /** Of what the documented run has, from 0 to 1. */
  scale: number
  parts: Part[]
  backends: Backend[]
  write: boolean
  verbose: boolean
}

export const USAGE = `npm run chaos:mail -- [options]

  --seed <number>       chooses the victims and the moments (default: by chance; it is printed)
  --scale <0…1>         a part of the mails and of the trouble (1)
  --only <parts>        ${parts.join(", ")}, by commas
  --backends <names>    postgres, redis, by commas
  --write               writes docs/mail-reliability.md
  --verbose             tells what happens when
`

// The campaign that docs/mail-reliability.md tells of.
const MAILS = 10_000
const SECONDS = 90
const COUNTS = { kills: 100, freezes: 20, crashes: 5, flushes: 5 }

/** @throws Error in one sentence when it can't be followed */
export function readArguments(args: string[]): Order | "help" {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: "string" },
      scale: { type: "string" },
      only: { type: "string" },
      backends: { type: "string" },
      write: { type: "boolean" },
      verbose: { type: "boolean" },
      help: { type: "boolean" },
    },
  })
  if (values.help) return "help"
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000))
  const scale = Number(values.scale ?? 1)
  if (!Number.isInteger(seed)) throw new Error("--seed must be a whole number")
  if (!(scale > 0 && scale <= 1)) throw new Error("--scale must be a number above 0 and up to 1")
  return {
    seed,
    scale,
    parts: listOf("--only", values.only, parts),
    backends: listOf("--backends", values.backends, ["redis", "postgres"]),
    write: values.write ?? false,
    verbose: values.verbose ?? false,
  }
}

function listOf<Name extends string>(
  option: string,
  value: string | undefined,
  known: readonly Name[],
): Name[] {
  if (value === undefined) return [...known]
  return value.split(",").map((text) => {
    const name = known.find((candidate) => candidate === text.trim())
    if (!name) throw new Error(`${option}: there is no ${text}; there are ${known.join(", ")}`)
    return name
  })
}

/** Each backend against a plain SMTP server, and the first against one that drops second copies. */
export function plansOf({ seed, scale, backends }: Pick<Order, "seed" | "scale" | "backends">): Plan[] {
  const part = (number: number) => Math.max(1, Math.round(number * scale))
  const runs: [Backend, ReceiverKind][] = backends.map((backend) => [backend, "smtp"])
  if (backends[0]) runs.push([backends[0], "provider"])
  return runs.map(([backend, receiver]) => ({
    backend,
    receiver,
    seed,
    mails: part(MAILS),
    seconds: part(SECONDS),
    counts: {
      kills: part(COUNTS.kills),
      freezes: part(COUNTS.freezes),
      crashes: part(COUNTS.crashes),
      flushes: part(COUNTS.flushes),
    },
  }))
}
