import type { Pace } from "../interleave.js"
import type { ScenarioResult } from "../run.js"
import type { Table } from "./cells.js"
import { toMarkdown, toText } from "./layout.js"
import { limitTable } from "./limit-table.js"
import type { Machine } from "./machine.js"
import { METHOD } from "./method.js"
import { remarks } from "./remarks.js"
import { comparisonTable, subjectTable } from "./tables.js"

/** All that a run found out; `docs/benchmarks.json` is this. */
export interface Report {
  machine: Machine
  pace: Pace
  /** The peers that took part. */
  peers: { name: string; note: string }[]
  scenarios: ScenarioResult[]
}

export const reportText = ({ scenarios }: Report): string =>
  [
    ...[comparisonTable, limitTable, subjectTable]
      .map((table) => table(scenarios))
      .filter(hasRows)
      .map(toText),
    ...remarks(scenarios),
  ].join("\n\n")

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
    ...section("Ratios", [], comparisonTable(scenarios)),
    ...section("What should be small", [], limitTable(scenarios)),
    ...section("Subjects", ["Medians of the rounds; CPU for each request or mail."], subjectTable(scenarios)),
    ...remarks(scenarios),
    "## How it is measured",
    [...METHOD, ...peers.map(({ name, note }) => `- ${name}: ${note}`)].join("\n").concat("\n"),
  ].join("\n\n")

const section = (title: string, paragraphs: string[], table: Table): string[] =>
  hasRows(table) ? [`## ${title}`, ...paragraphs, toMarkdown(table)] : []

const hasRows = (table: Table) => table.length > 1
