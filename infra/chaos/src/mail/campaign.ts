import { setTimeout as sleep } from "node:timers/promises"
import { type Backend, openSite, type Site } from "@gatepost/fleet"
import { createRandom } from "../random.js"
import { causeTrouble, type FaultCounts } from "./faults.js"
import { brokenInvariants, sentenceOf } from "./invariants.js"
import { readLedger, type Tally, tally } from "./ledger.js"
import { createPoster, createWorker, IN_HAND } from "./pipeline.js"
import { openReceiver, type ReceiverKind } from "./receiver.js"

export interface Plan {
  backend: Backend
  receiver: ReceiverKind
  mails: number
  /** Over which the trouble is spread. */
  seconds: number
  counts: FaultCounts
  seed: number
}

export interface Outcome {
  plan: Plan
  tally: Tally
  /** No more mails than this can have been on their way when something died. */
  uncertainLimit: number
  /** In seconds: the longest that a mail stood in a worker's hand before something was done about it. */
  longestStall: number
  /** From the end of the trouble to the end of the last mail, in seconds. */
  settledAfter: number
  /** Of DELIVERY.md 5.5; empty where all hold. */
  broken: string[]
}

const WORKERS = 3
const POSTERS = 2
const POLL_MS = 200
const SETTLE_LIMIT_MS = 120_000
const STORIES = 3

/** Mails are written and sent, half of them to be sent once, while all of it is killed, frozen and emptied. */
export async function runCampaign(plan: Plan, log: (text: string) => void): Promise<Outcome> {
  const random = createRandom(plan.seed)
  const site = await openSite(plan.backend)
  const receiver = await openReceiver(plan.receiver)
  const workers = range(WORKERS).map((number) => createWorker(site, `worker ${number}`, receiver.url))
  const posters = range(POSTERS).map((number) => createPoster(site, `poster ${number}`))
  const members = [...workers, ...posters]
  const posted = new Set<string>()
  for (const poster of posters) {
    poster.onMessage(({ type, id }) => {
      if (type === "posted") posted.add(String(id))
      // A new process is told to go on by its first word.
      if (type === "ready") poster.send({ pauseMs })
    })
  }
  let pauseMs = Math.max(1, (1_000 * plan.seconds * POSTERS) / plan.mails)
  const pace = (ms: number) => {
    pauseMs = ms
    for (const poster of posters) poster.send({ pauseMs })
  }

  try {
    await Promise.all(members.map((member) => member.start()))
    const trouble = causeTrouble({ ...plan, random, members, workers, site, log })
    await Promise.all([trouble, reached(site, plan.mails)])
    pace(0)
    const troubleEnded = Date.now()
    log("the trouble is over")
    const settled = await untilSettled(site)
    const settledAfter = (Date.now() - troubleEnded) / 1_000
    if (!settled) log("not all mails came to an end in time")

    const rows = await readLedger(site)
    const facts = { rows, posted, arrived: receiver.arrived(), recipients: receiver.recipients() }
    const broken = brokenInvariants(facts)
    for (const { ids } of broken) await tellStories(site, ids.slice(0, STORIES), log)
    const deaths = plan.counts.kills + plan.counts.freezes + plan.counts.crashes
    return {
      plan,
      tally: tally(rows, posted, facts.arrived),
      uncertainLimit: deaths * IN_HAND,
      longestStall: await longestStall(site),
      settledAfter,
      broken: [...broken.map(sentenceOf), ...(await closing(site))],
    }
  } finally {
    await Promise.all(members.map((member) => member.stop()))
    await receiver.close()
    await site.close()
  }
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

/** PostgreSQL may be away just now. */
async function count(site: Site, which: string): Promise<number | undefined> {
  try {
    const [row] = await site.query<{ count: number }>(
      `select count(*)::integer as count from mail.messages where ${which}`,
    )
    return row?.count
  } catch {
    return undefined
  }
}

async function reached(site: Site, mails: number): Promise<void> {
  while (((await count(site, "true")) ?? 0) < mails) await sleep(POLL_MS)
}

async function untilSettled(site: Site): Promise<boolean> {
  const moving = "state in ('queued', 'claimed', 'handing_off', 'retry_wait')"
  for (const deadline = Date.now() + SETTLE_LIMIT_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    if ((await count(site, moving)) === 0) return true
  }
  return false
}

/** What happened to a mail that is not as it should be, for whoever looks for the reason. */
async function tellStories(site: Site, ids: readonly string[], log: (text: string) => void): Promise<void> {
  for (const id of ids) {
    const events = await site.query<{ at: Date; to_state: string; detail: string | null }>(
      "select at, to_state, detail from mail.events where message_id::text = $1 order by number",
      [id],
    )
    const story = events.map((event) => `  ${event.at.toISOString()} ${event.to_state} ${event.detail ?? ""}`)
    log([id, ...story].join("\n"))
  }
}

/** What nobody decided about ends as uncertain when its time is over (I1). */
async function closing(site: Site): Promise<string[]> {
  await site.query("update mail.messages set expires_at = now() where state = 'uncertain'")
  for (const deadline = Date.now() + SETTLE_LIMIT_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    if ((await count(site, "state = 'uncertain'")) === 0) return []
  }
  return ["I1 what stays uncertain is closed when its time is over"]
}

async function longestStall(site: Site): Promise<number> {
  const [row] = await site.query<{ seconds: number | null }>(
    `select max(extract(epoch from next_at - at))::float8 as seconds from (
       select to_state, at, lead(at) over (partition by message_id order by number) as next_at
       from mail.events
     ) as steps where to_state in ('claimed', 'handing_off')`,
  )
  return row?.seconds ?? 0
}
