// `npm run chaos`: breaks a whole installation on purpose, fault by fault, and counts what was lost.
import { type Order, readArguments, USAGE } from "./arguments.js"
import { runCampaign } from "./campaign.js"
import { reportText, writeReport } from "./report.js"
import { isSound } from "./run.js"

const order = read()
const started = Date.now()
const say = (text: string) => process.stderr.write(`${text}\n`)
say(`seed ${order.seed}`)
const command = ["npm run chaos --", ...process.argv.slice(2)].join(" ")
const log = (text: string) => {
  if (order.verbose || !text.startsWith(" ")) say(`${((Date.now() - started) / 1_000).toFixed(1)} s ${text}`)
}
let held = true
const failures = await runCampaign(order, log, (result) => {
  held &&= isSound(result)
  process.stdout.write(`${reportText(result)}\n\n`)
  if (order.write) writeReport([result], command, order.seed)
})
for (const failure of failures) say(`could not be run: ${failure}`)
process.exit(held && failures.length === 0 ? 0 : 1)

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
