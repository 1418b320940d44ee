import { parseArgs } from "node:util"
import { type Lane, lanes } from "@gatepost/contracts"
import { isSingleAddress, type MailState, mailStates, type PostOffice } from "@gatepost/mail-queue"
import { isUuid } from "@gatepost/runtime"
import { describeRefusal, describeRetry, toMailDetailsView, toMailList } from "../modules/mails/index.js"
import {
  toSuppressionDetailsView,
  toSuppressionList,
  toSuppressionView,
} from "../modules/suppressions/index.js"
import { mailList, mailPage, suppressionPage, suppressionTable } from "./pages.js"

export const USAGE = `usage: npm run mail -- list [--state S] [--lane L] [--recipient A] [--since T] [--limit N] [--before ID]
                       show <id>              all that happened to a mail, but not what it says
                       retry <id>             send one that was given up, suppressed, or is uncertain
                       close <id>             take note that an uncertain one is not to be sent again
                       suppressions [<address>] [--limit N] [--after A]
                       suppress <address> [--detail TEXT]
                       unsuppress <address>

  --since   a time such as 2026-01-31T08:00Z, or how long ago: 90m, 24h, 7d
  --json    the answer as the admin API gives it

  DATABASE_URL   of the mail worker; beside a running \`npm start\` it is found
`

/** What is done, and the words for it; `by` says who does it. */
export type Order = (office: PostOffice, by: string) => Promise<string>

export class Refusal extends Error {
  override readonly name = "Refusal"
  /** 2: the command is not understood; 1: it can't be done. */
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

const text = { type: "string" } as const
const json = { json: { type: "boolean" } } as const
const optionsOf = {
  list: { ...json, state: text, lane: text, recipient: text, since: text, limit: text, before: text },
  show: json,
  retry: json,
  close: json,
  suppressions: { ...json, limit: text, after: text },
  suppress: { ...json, detail: text },
  unsuppress: json,
}

type Verb = keyof typeof optionsOf
type Options = Partial<Record<string, string>>

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 500
const AGO = /^(\d{1,6})([smhd])$/
const unitSeconds: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** @throws Refusal when it is not understood */
export function readOrder(args: string[], now: Date): Order {
  const [verb, ...rest] = args
  if (!verb || !Object.hasOwn(optionsOf, verb)) throw misunderstood(verb ? `There is no ${verb}.` : "What?")
  const { values, positionals } = parse(verb as Verb, rest)
  const { json = false, ...options } = values as Options & { json?: boolean }
  const order = orderOf(verb as Verb, positionals, options, now)
  return async (office, by) => {
    const { view, words } = await order(office, by)
    return json ? JSON.stringify(view, null, 2) : words
  }
}

function parse(verb: Verb, args: string[]) {
  try {
    return parseArgs({ args, options: optionsOf[verb], allowPositionals: true })
  } catch (cause) {
    throw misunderstood((cause as Error).message)
  }
}

type Answer = Promise<{ view: unknown; words: string }>

function orderOf(verb: Verb, [subject, ...others]: string[], options: Options, now: Date) {
  if (others.length > 0) throw misunderstood(`${verb} takes one of them at a time.`)
  if (verb === "list" && subject) throw misunderstood("list takes options alone.")
  switch (verb) {
    case "list":
      return listOrder(options, now)
    case "show":
      return showOrder(idOf(subject))
    case "retry":
      return retryOrder(idOf(subject))
    case "close":
      return closeOrder(idOf(subject))
    case "suppressions":
      return subject ? suppressionOrder(addressOf(subject)) : suppressionsOrder(options)
    case "suppress":
      return suppressOrder(addressOf(subject), options.detail)
    case "unsuppress":
      return unsuppressOrder(addressOf(subject))
  }
}

function listOrder(options: Options, now: Date) {
  const filter = {
    state: oneOf<MailState>("--state", mailStates, options.state),
    lane: oneOf<Lane>("--lane", lanes, options.lane),
    recipient: options.recipient,
    since: sinceOf(options.since, now),
    before: options.before === undefined ? undefined : idOf(options.before),
    limit: limitOf(options.limit),
  }
  return async (office: PostOffice): Answer => {
    const view = toMailList(await office.list(filter), filter.limit)
    return { view, words: mailList(view) }
  }
}

const showOrder =
  (id: string) =>
  async (office: PostOffice): Answer => {
    const mail = await office.show(id)
    if (!mail) throw unknownMail(id)
    const view = toMailDetailsView(mail)
    return { view, words: mailPage(view) }
  }

const retryOrder =
  (id: string) =>
  async (office: PostOffice, by: string): Answer => {
    const outcome = await office.retry(id, by)
    if (outcome.kind === "unknown") throw unknownMail(id)
    if (outcome.kind !== "queued") throw new Refusal(`${describeRefusal(outcome)} Nothing was done.`)
    const words = describeRetry(outcome)
    return { view: { message: words, may_double: outcome.mayDouble }, words }
  }

const closeOrder =
  (id: string) =>
  async (office: PostOffice, by: string): Answer => {
    if (await office.close(id, by)) return said("The mail is closed.")
    const mail = await office.show(id)
    throw mail ? new Refusal(`The mail is ${mail.state}, not uncertain: nothing was done.`) : unknownMail(id)
  }

const suppressionOrder =
  (address: string) =>
  async (office: PostOffice): Answer => {
    const view = toSuppressionDetailsView(address, await office.findSuppression(address))
    return { view, words: suppressionPage(view) }
  }

function suppressionsOrder(options: Options) {
  const limit = limitOf(options.limit)
  return async (office: PostOffice): Answer => {
    const view = toSuppressionList(await office.listSuppressions({ after: options.after, limit }), limit)
    return { view, words: suppressionTable(view) }
  }
}

const suppressOrder =
  (address: string, detail?: string) =>
  async (office: PostOffice, by: string): Answer => {
    const suppression = await office.suppress(address, { by, detail })
    return { view: toSuppressionView(suppression), words: `${suppression.address} gets no mail any more.` }
  }

const unsuppressOrder =
  (address: string) =>
  async (office: PostOffice, by: string): Answer => {
    if (!(await office.unsuppress(address, by)))
      throw new Refusal(`${address} is not suppressed: nothing was done.`)
    return said(
      `${address.toLowerCase()} gets mail again. What was suppressed meanwhile is sent by \`retry\`.`,
    )
  }

const said = (message: string) => ({ view: { message }, words: message })

const misunderstood = (message: string) => new Refusal(message, 2)
const unknownMail = (id: string) => new Refusal(`There is no mail ${id}: nothing was done.`)

function idOf(text: string | undefined): string {
  if (text !== undefined && isUuid(text)) return text
  throw misunderstood(text === undefined ? "Which mail?" : `${text} is no id of a mail.`)
}

function addressOf(text: string | undefined): string {
  if (text !== undefined && isSingleAddress(text)) return text
  throw misunderstood(text === undefined ? "Which address?" : `${text} is no bare address.`)
}

function oneOf<Value extends string>(option: string, known: readonly Value[], text: string | undefined) {
  if (text === undefined || known.includes(text as Value)) return text as Value | undefined
  throw misunderstood(`${option} must be one of ${known.join(", ")}.`)
}

function limitOf(text = String(DEFAULT_LIMIT)): number {
  if (/^[1-9]\d{0,2}$/.test(text) && Number(text) <= MAX_LIMIT) return Number(text)
  throw misunderstood(`--limit must be a whole number from 1 to ${MAX_LIMIT}.`)
}

function sinceOf(text: string | undefined, now: Date): Date | undefined {
  if (text === undefined) return undefined
  const [, amount, unit] = AGO.exec(text) ?? []
  const since =
    amount && unit
      ? new Date(now.getTime() - Number(amount) * (unitSeconds[unit] ?? 0) * 1_000)
      : new Date(text)
  if (Number.isNaN(since.getTime())) throw misunderstood("--since must be a time, or how long ago, as 24h.")
  return since
}
