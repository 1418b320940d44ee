import { writeFileSync } from "node:fs"
import { availableParallelism, cpus, loadavg } from "node:os"
import { fileURLToPath } from "node:url"
import { type Order, plansOf, readArguments, USAGE } from "./arguments.js"
import { measureBlackHole } from "./black-hole.js"
import { runCampaign } from "./campaign.js"
import { measureLanes } from "./lanes.js"
import { measureRecovery } from "./recovery.js"
import { type Findings, isSound, reportMarkdown, reportText } from "./report.js"

const DOCUMENT = fileURLToPath(new URL("../../../../docs/mail-reliability.md", import.meta.url))
const RECOVERIES = 8
const BULK = 100_000
const BLACK_HOLE_SECONDS = 20

const order = read()
const say = (text: string) => process.stderr.write(`${text}\n`)
say(`seed ${order.seed}`)
const findings = await findOut(order)
process.stdout.write(`${reportText(findings)}\n`)
if (order.write) writeFileSync(DOCUMENT, reportMarkdown(findings))
process.exit(isSound(findings) ? 0 : 1)

function read(): Order {
  try {
    const order = readArguments(process.argv.slice(2))
    if (order !== "help") return order
    process.stdout.write(USAGE)
    process.exit(0)
  } catch (cause) {
    process.stderr.write(`${(cause as Error).message}\n\n${USAGE}`)
    process.exit(2)
  }
}

async function findOut(order: Order): Promise<Findings> {
  const { seed, scale, backends, parts } = order
  const findings: Findings = {
    command: ["npm run chaos:mail --", ...process.argv.slice(2)].join(" "),
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    seed,
    campaigns: [],
    recoveries: [],
    lanes: [],
    blackHoles: [],
  }
  if (parts.includes("recovery"))
    for (const backend of backends) {
      say(`recovery, ${backend}`)
      findings.recoveries.push(await measureRecovery(backend, Math.ceil(RECOVERIES * scale)))
    }
  if (parts.includes("lanes"))
    for (const backend of backends) {
      say(`lanes, ${backend}`)
      for (const bulk of [0, Math.ceil((BULK * scale) / 1_000) * 1_000])
        findings.lanes.push(await measureLanes(backend, bulk))
    }
  if (parts.includes("black-hole"))
    for (const backend of backends) {
      say(`black hole, ${backend}`)
      findings.blackHoles.push(await measureBlackHole(backend, Math.ceil(BLACK_HOLE_SECONDS * scale)))
    }
  if (parts.includes("campaigns"))
    for (const plan of plansOf(order)) {
      say(`campaign, ${plan.backend}, ${plan.receiver}`)
      const started = Date.now()
      const log = (text: string) =>
        order.verbose && say(`${((Date.now() - started) / 1_000).toFixed(1)} s ${text}`)
      findings.campaigns.push(await runCampaign(plan, log))
    }
  return findings
}

function machine(): string {
  return (
    `${availableParallelism()} cores of ${cpus()[0]?.model ?? "an unknown kind"}, Node ${process.version}, load before ` +
    `the start ${loadavg()[0]?.toFixed(1)}`
  )
}
