// `npm run bench`: measures floors, peers and ourselves in turns, prints the ratios and writes them to docs/.
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { DEFAULT_PACE, type Order, readArguments, usage } from "./arguments.js"
import { createBench } from "./bench.js"
import { installPeers, peers } from "./peers/index.js"
import { describeMachine } from "./report/machine.js"
import { createProgress } from "./report/progress.js"
import { type Report, reportJson, reportMarkdown, reportText } from "./report/report.js"
import { runScenario, type ScenarioResult } from "./run.js"
import { createScenarios } from "./scenarios/index.js"

const DOCS = new URL("../../../docs/", import.meta.url)
const bench = createBench()
const progress = createProgress(process.stderr)

let ending = false

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => end(130))
// PostgreSQL would outlive us; and while all is ended, connections break under those who still start.
process.on("uncaughtException", (cause) => {
  if (!ending) console.error(cause)
  end(1)
})

try {
  const known = {
    scenarios: createScenarios([]).map(({ name }) => name),
    peers: peers.map(({ name }) => name),
  }
  const order = readArguments(process.argv.slice(2), known)
  if (order === "help") console.log(usage(known))
  else await run(order)
} catch (cause) {
  if (!ending) fail(cause)
} finally {
  await bench.close()
}

function fail(cause: unknown): void {
  progress.clear()
  console.error(cause instanceof Error ? cause.message : cause)
  process.exitCode = 1
}

function end(exitCode: number): void {
  if (ending) return
  ending = true
  progress.clear()
  void bench.close().finally(() => process.exit(exitCode))
}

async function run(order: Order): Promise<void> {
  const { only, rounds, seconds } = order
  const machine = describeMachine()
  const installed = await installPeers(order.peers, (name) => progress.show(`installing ${name} …`))
  const chosen = createScenarios(installed).filter(({ name }) => only.length === 0 || only.includes(name))

  const scenarios: ScenarioResult[] = []
  for (const scenario of chosen) {
    const onSlot = (done: number, subject: string) =>
      progress.show(`${scenario.name} ${Math.round(done * 100)} %: ${subject}`)
    try {
      scenarios.push(await runScenario(bench, scenario, { rounds, seconds }, onSlot))
    } catch (cause) {
      if (ending) return
      fail(new Error(`${scenario.name} was not measured: ${cause instanceof Error ? cause.message : cause}`))
    }
  }
  progress.clear()

  const took = installed.map(({ name, note }) => ({ name, note }))
  const report = { machine, pace: { rounds, seconds }, peers: took, scenarios }
  console.log(reportText(report))
  if (isWhole(order) && scenarios.length === chosen.length) write(report)
}

/** Only a run of everything, at no lesser pace, is worth keeping. */
function isWhole({ only, rounds, seconds }: Order): boolean {
  return only.length === 0 && rounds >= DEFAULT_PACE.rounds && seconds >= DEFAULT_PACE.seconds
}

function write(report: Report): void {
  writeFileSync(fileURLToPath(new URL("benchmarks.md", DOCS)), reportMarkdown(report))
  writeFileSync(fileURLToPath(new URL("benchmarks.json", DOCS)), reportJson(report))
  console.log("\nWritten to docs/benchmarks.md and docs/benchmarks.json.")
}
