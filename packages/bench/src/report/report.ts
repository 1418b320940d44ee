import type { Pace } from "../interleave.js"
import type { ScenarioResult } from "../run.js"
import type { Machine } from "./machine.js"
import { comparisonTable, subjectTable, toMarkdown, toText } from "./tables.js"

/** All that a run found out; `docs/benchmarks.json` is this. */
export interface Report {
  machine: Machine
  pace: Pace
  /** The peers that took part. */
  peers: { name: string; note: string }[]
  scenarios: ScenarioResult[]
}

// Above this share of a core the generator may have been what was measured.
const BUSY = 0.9

export const reportText = ({ scenarios }: Report): string =>
  [toText(comparisonTable(scenarios)), toText(subjectTable(scenarios)), ...remarks(scenarios)].join("\n\n")

/** With as many digits as a measurement can have. */
export const reportJson = (report: Report): string => {
  const shorten = (_name: string, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(6)) : value
  return `${JSON.stringify(report, shorten, 2)}\n`
}

export const reportMarkdown = ({ machine, pace, peers, scenarios }: Report): string =>
  [
    "# Benchmarks",
    `Made by \`npm run bench\` on ${machine.date} at commit ${machine.commit}: ${machine.cores} cores of ` +
      `${machine.cpu}, ${machine.memoryGib} GiB, ${machine.platform}, Node ${machine.node}; load before the ` +
      `start ${machine.loadBefore}. ${pace.rounds} rounds of ${pace.seconds} s for each.`,
    "Figures of one machine say little; ratios from the same minutes say more. Subjects take turns, A B A B, " +
      "and each ratio is made of neighbours in time: median, and in brackets the smallest and the largest. " +
      "*By CPU* is work per second of the server process's CPU, the database's left out. Goals are those of " +
      "the design; *close* means that the goal lies within the spread.",
    "## Ratios",
    toMarkdown(comparisonTable(scenarios)),
    "## Subjects",
    "Medians of the rounds; CPU for each request or mail.",
    toMarkdown(subjectTable(scenarios)),
    ...remarks(scenarios),
    "## How it is measured",
    [...METHOD, ...peers.map(({ name, note }) => `- ${name}: ${note}`)].join("\n").concat("\n"),
  ].join("\n\n")

const METHOD = [
  "- Each subject is a process of its own on loopback, with limits off (`RATE_LIMITS=off`) and request logs off" +
    " (`LOG_LEVEL=warn`); every other setting is its default. PostgreSQL syncs each commit to the disk.",
  "- One load generator, in a process of its own, sends the same way to all: a fixed number of kept-alive" +
    " connections (8 for sign-in, 16 else), each with one request in flight. Any failed request fails the run.",
  "- Refresh: a session for each connection, and each request presents the token that the last one returned.",
  "- Floors do the one thing that can't be left out, behind bare Express: no body is parsed, nothing checked.",
  "- Mail: a transaction with many mails commits, and the clock runs until the last was answered with 250;" +
    " nodemailer alone sends the same mail, rendered beforehand, by a pool of ten.",
  "- The raw figures are in [benchmarks.json](benchmarks.json).",
]

function remarks(scenarios: readonly ScenarioResult[]): string[] {
  const busy = scenarios.flatMap(({ subjects }) =>
    subjects.filter(({ samples }) => samples.some(({ generatorBusy = 0 }) => generatorBusy > BUSY)),
  )
  if (busy.length === 0) return []
  return [`The load generator used a whole core with: ${busy.map(({ name }) => name).join(", ")}.`]
}
