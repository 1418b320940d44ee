import { quantile } from "../statistics.js"
import type { BlackHole } from "./black-hole.js"
import type { Outcome } from "./campaign.js"
import type { LaneLatency } from "./lanes.js"
import type { Recovery } from "./recovery.js"

export interface Findings {
  command: string
  date: string
  machine: string
  seed: number
  campaigns: Outcome[]
  recoveries: Recovery[]
  lanes: LaneLatency[]
  blackHoles: BlackHole[]
}

type Table = { head: string[]; rows: (string | number)[][] }

/** Whether everything that is promised for every run held. */
export const isSound = ({ campaigns, blackHoles }: Pick<Findings, "campaigns" | "blackHoles">): boolean =>
  campaigns.every(
    ({ tally, broken, uncertainLimit }) =>
      broken.length === 0 && tally.lost === 0 && tally.doubledOnce === 0 && tally.uncertain <= uncertainLimit,
  ) && blackHoles.every(({ failures, expiredSent }) => failures === 0 && expiredSent === 0)

export const reportText = (findings: Findings): string =>
  [...sections(findings).map(({ title, table }) => `${title}\n${toText(table)}`), ...faults(findings)].join(
    "\n\n",
  )

export const reportMarkdown = (findings: Findings): string =>
  `${[
    "# How reliable mail is",
    `Made by \`${findings.command}\` on ${findings.date}: ${findings.machine}. Any seed may be given; this one was ` +
      `${findings.seed}.`,
    "Three worker processes and two that write mails run over a real PostgreSQL, a real Redis and a server that " +
      "counts each copy by its Message-ID and all its bytes, while all of it is killed, frozen, crashed and " +
      "emptied. Half the mails may be sent again (`resend`: codes and alerts), half may not (`once`). Of each ten, " +
      "one is rolled back and one lives for three seconds.",
    ...sections(findings).flatMap(({ title, about, table }) => [`## ${title}`, about, toMarkdown(table)]),
    "## What can and can't be promised",
    LIMITS,
    ...faults(findings),
  ].join("\n\n")}\n`

const LIMITS = [
  "Nobody can know whether a mail arrived whose connection or worker died between its first byte and the server's",
  "250; SMTP has no way to ask. Such a mail is *uncertain*, at most one for each that was on its way, and stays",
  "visible as such. A code is then sent again, so that none is lost, with the same Message-ID, date and code; a",
  "newsletter is not, so that nobody gets it twice. A provider that remembers what it was given (`SMTP_URL` as",
  "`resend+https://…`, or an SMTP URL with `?idempotency_header=…`) closes the gap: nothing is lost or doubled.",
].join("\n")

function sections({ campaigns, recoveries, lanes, blackHoles }: Findings) {
  const all = [
    { title: "Under fire", about: UNDER_FIRE, table: campaignTable(campaigns) },
    { title: "From kill to resume", about: RESUME, table: recoveryTable(recoveries) },
    { title: "A code behind a backlog", about: LANES, table: laneTable(lanes) },
    { title: "SMTP that answers nobody", about: BLACK_HOLE, table: blackHoleTable(blackHoles) },
  ]
  return all.filter(({ table }) => table.rows.length > 0)
}

const UNDER_FIRE =
  "Killed are processes of all kinds (SIGKILL); frozen are workers, for 9 s, longer than any lock (SIGSTOP, " +
  "SIGCONT); crashes are immediate stops of PostgreSQL; flushes are FLUSHALL. The invariants I1 to I6 and I8 of the " +
  "design are checked after each run. *Lost* is a mail that arrived nowhere and is not listed as uncertain. " +
  "*Provider* is a server that drops second copies: there, what is uncertain is asked again, unless its time (three " +
  "seconds, for some) is over before a worker is known to be dead."

const RESUME =
  "One worker has a mail in hand and is killed; another is idle. Until the mail is at the server again. The bound " +
  "is 8 s."

const LANES =
  "A worker sends a backlog of newsletters while codes come one by one. From commit to the server’s 250."

const BLACK_HOLE =
  "The server takes connections and says nothing. Meanwhile people sign up, 2,000 mails wait, and 100 expire; then " +
  "it is back."

const campaignTable = (outcomes: readonly Outcome[]): Table => ({
  head: [
    ...["queue", "server", "mails", "killed", "frozen", "crashes", "flushes", "lost", "doubled, once"],
    ...["doubled, resend", "uncertain (limit)", "of these not arrived, listed (too late)", "invariants"],
  ],
  rows: outcomes.map(({ plan, tally, uncertainLimit, broken }) => [
    ...[
      plan.backend,
      plan.receiver,
      tally.mails,
      plan.counts.kills,
      plan.counts.freezes,
      plan.counts.crashes,
    ],
    ...[
      plan.backend === "redis" ? plan.counts.flushes : "–",
      tally.lost,
      tally.doubledOnce,
      tally.doubledResend,
    ],
    ...[
      `${tally.uncertain} (${uncertainLimit})`,
      `${tally.listedUnarrived} (${tally.listedOverdue})`,
      broken.length === 0 ? "hold" : "broken",
    ],
  ]),
})

const recoveryTable = (recoveries: readonly Recovery[]): Table => ({
  head: ["queue", "killed", "times", "median s", "longest s"],
  rows: recoveries.flatMap(({ backend, claimed, handedOver }) =>
    (
      [
        ["before the hand-over", claimed],
        ["after it", handedOver],
      ] as const
    ).map(([when, seconds]) => [
      ...[backend, when, seconds.length, quantile(seconds, 0.5).toFixed(1), quantile(seconds, 1).toFixed(1)],
    ]),
  ),
})

const laneTable = (latencies: readonly LaneLatency[]): Table => ({
  head: ["queue", "newsletters waiting", "codes", "to the worker p50, p99 ms", "to 250 p50, p99 ms"],
  rows: latencies.map(({ backend, bulk, codes, claims }) => [
    ...[backend, bulk, codes.length, spread(claims), spread(codes)],
  ]),
})

const blackHoleTable = (holes: readonly BlackHole[]): Table => ({
  head: [
    ...["queue", "sign-up p50, p99 ms before", "during", "failures", "connections before, during"],
    ...["mails waiting", "all sent after s", "expired", "of these sent"],
  ],
  rows: holes.map((hole) => [
    ...[hole.backend, spread(hole.before), spread(hole.during), hole.failures],
    ...[`${hole.poolBefore}, ${hole.poolDuring}`, hole.waiting, hole.drainedAfter.toFixed(1)],
    ...[hole.expired, hole.expiredSent],
  ]),
})

const spread = (ms: readonly number[]) => `${quantile(ms, 0.5).toFixed(0)}, ${quantile(ms, 0.99).toFixed(0)}`

const faults = ({ campaigns }: Findings): string[] =>
  campaigns.flatMap(({ plan, broken }) => broken.map((rule) => `BROKEN with ${plan.backend}: ${rule}`))

function toText({ head, rows }: Table): string {
  const all = [head, ...rows.map((row) => row.map(String))]
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}

const toMarkdown = ({ head, rows }: Table): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n")
