import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { availableParallelism, cpus } from "node:os"
import { fileURLToPath } from "node:url"
import { faults } from "./faults/index.js"
import { proofs } from "./faults/proofs.js"
import { isSound, type Result } from "./run.js"

const DOCUMENT = fileURLToPath(new URL("../../../docs/reliability.md", import.meta.url))
const SHOWN = 5

export function reportText(result: Result): string {
  const { fault, findings, judgement, verdicts, hangs, audit } = result
  const bad = [
    ...judgement.wrong.map(({ op, verdict, told }) => `wrong answer: ${op}: ${verdict} ${told}`),
    ...verdicts.lost.map((what) => `lost: ${what}`),
    ...verdicts.doubled.map((what) => `doubled: ${what}`),
    ...verdicts.halves.map((what) => `by half: ${what}`),
    ...hangs,
    ...(audit ? [`audit: ${audit}`] : []),
  ]
  const more = bad.length - SHOWN
  return [
    `${fault.id} ${isSound(result) ? "held" : "BROKEN"}: ${fault.promise}`,
    ...findings.map(({ text, broken, missed }) => `  ${broken ? "BROKEN " : missed ? "LATE " : ""}${text}`),
    `  ${countsOf(result)}`,
    ...bad.slice(0, SHOWN).map((text) => `  ${text}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join("\n")
}

function countsOf({ judgement, acknowledged, verdicts, starvedMs }: Result): string {
  const starved =
    starvedMs > 0
      ? `, ${judgement.starved} told to come again while the machine was too busy, for ${(starvedMs / 1_000).toFixed(0)} s`
      : ""
  return (
    `${judgement.requests} requests, ${acknowledged} acknowledged, ${judgement.excused} told to come again, ` +
    `${judgement.wrong.length} wrong; ${verdicts.mails.mails} mails so far, ${verdicts.mails.doubledResend} second copies${starved}`
  )
}

/** Writes the rows of what was run now; the others stay as they were measured. */
export function writeReport(results: readonly Result[], command: string, seed: number): void {
  const former = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, "utf8") : ""
  writeFileSync(DOCUMENT, reportMarkdown(results, former, `${today()}, seed ${seed}: \`${command}\``))
}

const today = () => new Date().toISOString().slice(0, 10)

export function reportMarkdown(results: readonly Result[], former: string, origin: string): string {
  const measured = new Map(results.map((result) => [result.fault.id, rowOf(result, origin)]))
  const kept = new Map(
    former.split("\n").flatMap((line) => (line.startsWith("| R") ? [[line.split(" ")[1], line]] : [])),
  )
  const told = new Map(
    proofs.map((proof) => [
      proof.id,
      cells(proof.id, proof.promise, proof.fault, proof.proof, "", "yes", ""),
    ]),
  )
  const waiting = new Map(
    faults.map(({ id, promise, expected, fault }) => [
      id,
      cells(id, `${promise}: ${expected}`, fault, "not measured yet", "", "", ""),
    ]),
  )
  const ids = [...waiting.keys(), ...told.keys()].toSorted(byNumber)
  const rows = ids.map((id) => measured.get(id) ?? told.get(id) ?? kept.get(id) ?? waiting.get(id) ?? "")
  const head = ["#", "promised", "injected", "measured", "lost, doubled, wrong", "held", "made"]
  return [
    INTRODUCTION,
    [cells(...head), cells(...head.map(() => "---")), ...rows].join("\n"),
    machine(),
    "",
  ].join("\n\n")
}

export const byNumber = (one: string, other: string) => Number(one.slice(1)) - Number(other.slice(1))

function rowOf(result: Result, origin: string): string {
  const { fault, rounds, findings, verdicts, judgement } = result
  const measured = [...findings.map(({ text, broken }) => (broken ? `**${text}**` : text)), countsOf(result)]
  const counts = [verdicts.lost.length, verdicts.doubled.length, judgement.wrong.length].join(", ")
  return cells(
    fault.id,
    `${fault.promise}: ${fault.expected}`,
    `${fault.fault}; ${rounds} ${rounds === 1 ? "round" : "rounds"}`,
    measured.join("; "),
    counts,
    heldOf(result),
    origin,
  )
}

function heldOf(result: Result): string {
  if (!isSound(result)) return "**no**"
  const aside = [
    ...(result.findings.some(({ missed }) => missed) ? ["later than promised"] : []),
    ...(result.judgement.starved > 0 ? ["the machine was too busy to judge all of it"] : []),
  ]
  return ["yes", ...aside].join(", but ")
}

const cells = (...texts: string[]) => `| ${texts.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`

const INTRODUCTION = `# How reliable it all is

Made by \`npm run chaos -- --write\`, row by row: any seed may be given, and the same one chooses the same victims and moments again.
Two processes of each service run as in production behind nginx, over a PostgreSQL that syncs to the disk and a real Redis, with mail going to
a server that keeps every copy. People register, verify, sign in, refresh, read, reset their password and are told things, all the while
something is broken; every answer that says "done" is written to a file and synced. Afterwards an oracle compares: what was acknowledged is
there, each effect once, none by half; every session goes on by its last token; every mail arrived; the audit chain verifies; and no answer
was wrong, which a 503 with \`Retry-After\` in the midst of the trouble is not, and a 401 to a valid session always is. A 503 while this
machine had no time for a connection to PostgreSQL is counted apart. A time that was missed is shown, and fails no run.`

const machine = () =>
  `The last row that was made: on ${availableParallelism()} cores of ${cpus()[0]?.model ?? "an unknown kind"}, Node ${process.version}. ` +
  "Clients, services, PostgreSQL, Redis and nginx share them: the times are those of that machine, the counts hold on any."
