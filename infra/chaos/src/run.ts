import { spawn } from "node:child_process"
import { once } from "node:events"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { type Fault, type Finding, must } from "./faults/fault.js"
import { logIn, refresh } from "./load/operations.js"
import { arrivedAt } from "./oracle/mailbox.js"
import { examine, type Verdicts } from "./oracle/oracle.js"
import type { Stage } from "./stage.js"
import { watchStarvation } from "./starvation.js"
import { type Judgement, judge } from "./trouble.js"

export interface Result {
  fault: Fault
  rounds: number
  findings: Finding[]
  judgement: Judgement
  /** Acknowledged while it went on. */
  acknowledged: number
  verdicts: Verdicts
  /** How long this machine was too busy for any of it. */
  starvedMs: number
  /** What never came to an end, or to rest. */
  hangs: string[]
  /** Empty where the audit chain verifies. */
  audit: string
}

const AUDIT = fileURLToPath(new URL("../../../services/auth/dist/audit.js", import.meta.url))
const PER_SECOND = 15
const WARM_MS = 1_500
const MAILS_MS = 90_000
const SIGN_INS = 5
const AUDITS = 5

/** Injects a fault into a stage full of people, lets all come to rest, and asks the oracle. */
export async function runFault(stage: Stage, fault: Fault, rounds: number): Promise<Result> {
  const { client, journal } = stage
  const firstSample = client.samples.length
  const firstEntry = journal.entries.length
  const starvation = watchStarvation(stage.site, stage.troubles)
  const { findings, hangs } = await breakIt(stage, fault, rounds).finally(starvation.stop)
  const { arrived, recipients } = arrivedAt(stage.mailbox)
  const verdicts = await examine(stage.site, journal.entries, arrived, recipients)
  const audit = await verifyAudit(stage)
  return {
    ...{ fault, rounds, findings, verdicts, hangs, audit, starvedMs: starvation.total() },
    judgement: judge(client.samples.slice(firstSample), stage.troubles),
    acknowledged: journal.entries.length - firstEntry,
  }
}

async function breakIt(stage: Stage, fault: Fault, rounds: number) {
  const { load } = stage
  load.start(fault.perSecond ?? PER_SECOND)
  await sleep(WARM_MS)
  const findings = await fault.inject(stage, rounds).catch((cause: Error) => [must(cause.message, false)])
  await sleep(WARM_MS)
  stage.log("what was begun comes to its end")
  const hangs = await load.rest()
  stage.log("so do the mails")
  hangs.push(...(await mailsAtRest(stage)))
  stage.log("the oracle is asked")
  await goOn(stage)
  return { findings, hangs }
}

export const isSound = ({ findings, judgement, verdicts, hangs, audit }: Result): boolean =>
  !findings.some(({ broken }) => broken) &&
  judgement.wrong.length === 0 &&
  [verdicts.lost, verdicts.doubled, verdicts.halves, hangs].every((list) => list.length === 0) &&
  audit === ""

/** Each session lives, by its last token; and the passwords are those that were acknowledged. */
async function goOn({ world, load, random }: Stage): Promise<void> {
  const people = load.people.filter(({ perhaps }) => perhaps === undefined)
  await Promise.all(people.map((person) => refresh(world, person)))
  for (let count = 0; count < SIGN_INS; count++) {
    const person = people[random.below(people.length)]
    if (person) await logIn(world, person)
  }
}

/** Every mail has come to an end. */
async function mailsAtRest({ site }: Stage): Promise<string[]> {
  const statement =
    "select count(*)::integer as count from mail.messages where state in ('queued', 'claimed', 'handing_off', 'retry_wait')"
  for (const deadline = Date.now() + MAILS_MS; ; await sleep(200)) {
    const [row] = await site.query<{ count: number }>(statement)
    if (row?.count === 0) return []
    if (Date.now() > deadline) return [`${row?.count} mails are not sent`]
  }
}

/** Again where the machine is too busy to tell. */
async function verifyAudit(stage: Stage): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const told = await runAudit(stage)
    if (attempt === AUDITS || !told.includes("nothing was looked at")) return told
    await sleep(1_000)
  }
}

/** What an auditor would run. */
async function runAudit({ site, members }: Stage): Promise<string> {
  const { KEY_ENCRYPTION_SECRET = "" } = members("auth")[0]?.env ?? {}
  const child = spawn(process.execPath, [AUDIT, "verify"], {
    env: { PATH: process.env.PATH, DATABASE_URL: site.databaseUrl(), KEY_ENCRYPTION_SECRET },
    stdio: ["ignore", "pipe", "pipe"],
  })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => said.push(String(chunk)))
  const [code] = await once(child, "close")
  return code === 0 ? "" : said.join("")
}
