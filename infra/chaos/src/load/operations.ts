import { createHash, randomInt, randomUUID } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import type { SmtpSink } from "@gatepost/testkit"
import type { Answer, Call, Client, Json } from "./client.js"
import type { Journal } from "./journal.js"

/** Somebody with one session, who does one thing at a time. */
export interface Person {
  id: string
  email: string
  /** Where they call from. */
  address: string
  /** Once is enough: mails have a cool-down. */
  hasReset?: boolean
  /** The one that was acknowledged last. */
  password: string
  /** One that was asked for, of which nobody knows whether it is the password now. */
  perhaps?: string
  accessToken: string
  refreshToken: string
  /** When they wanted to, within a minute; by the monotonic clock, in ms. */
  refreshes: number[]
}

export interface World {
  client: Client
  journal: Journal
  mailbox: SmtpSink
  serviceClientSecret: string
  /** Nobody insists any longer. */
  isOver(): boolean
}

const PASSWORD = "a few plain words"
const AGAIN_MS = 400
// Mails wait for whatever is broken just now.
const MAIL_MS = 90_000

/**
 * Sends a call again, the same each time, until it is acknowledged, or answered wrongly.
 *
 * @param spent what is right as well once an answer was lost, and the call may have been done
 */
async function insist(world: World, call: Call, spent: readonly number[] = []): Promise<Answer | undefined> {
  for (let expect = call.expect; ; expect = [...call.expect, ...spent]) {
    const { answer, verdict } = await world.client.call({ ...call, expect })
    if (answer || verdict === "wrong" || world.isOver()) return answer
    await sleep(AGAIN_MS)
  }
}

export async function register(world: World): Promise<Person | undefined> {
  const key = randomUUID()
  const email = `p-${key}@example.com`
  const address = `127.${[1, 2, 3].map(() => randomInt(1, 255)).join(".")}`
  const answer = await insist(world, {
    op: "register",
    from: address,
    path: "/v1/auth/register",
    expect: [201],
    headers: { "Idempotency-Key": key },
    json: { email, password: PASSWORD },
  })
  if (!answer) return undefined
  const person = { email, address, password: PASSWORD, refreshes: [], ...tokensOf(answer.body) }
  await world.journal.note({ op: "register", id: person.id, email })
  return person
}

export async function verify(world: World, person: Person): Promise<void> {
  const token = await tokenInMail(world, person.email, /\/verify-email\/([\w-]{43})/)
  const path = `/v1/auth/verify-email/${token}`
  const call = { op: "verify", from: person.address, path, expect: [200] }
  const answer = await insist(world, call, [400])
  // After a lost answer it may say 400, that it was done: then it must have been.
  if (answer) await world.journal.note({ op: "verify", id: person.id })
}

export async function refresh(world: World, person: Person): Promise<void> {
  const spent = person.refreshToken
  const answer = await insist(world, {
    op: "refresh",
    from: person.address,
    path: "/v1/auth/refresh",
    expect: [200],
    json: { refresh_token: spent },
  })
  // It was a wrong answer, and stays one: they go on with a session of their own making.
  if (!answer) return logIn(world, person)
  Object.assign(person, tokensOf(answer.body))
  await world.journal.note({
    op: "refresh",
    id: person.id,
    spent: hash(spent),
    head: hash(person.refreshToken),
  })
}

export async function read(world: World, person: Person): Promise<void> {
  const call = { op: "read", from: person.address, path: "/v1/notifications", expect: [200] }
  await insist(world, { ...call, token: person.accessToken })
}

export async function logIn(world: World, person: Person): Promise<void> {
  const answer = await insist(world, {
    op: "login",
    from: person.address,
    path: "/v1/auth/login",
    expect: [200],
    json: { email: person.email, password: person.password },
  })
  if (!answer) return
  Object.assign(person, tokensOf(answer.body))
  await world.journal.note({ op: "login", id: person.id, head: hash(person.refreshToken) })
}

/** Ends every session of theirs, so they sign in again. */
export async function resetPassword(world: World, person: Person): Promise<void> {
  person.hasReset = true
  const mails = world.mailbox.mails().length
  const asked = await insist(world, {
    op: "forgot",
    from: person.address,
    path: "/v1/auth/forgot-password",
    expect: [200],
    json: { email: person.email },
  })
  if (!asked) return
  await world.journal.note({ op: "forgot", email: person.email })
  const token = await tokenInMail(world, person.email, /reset-password\?\S*token=([\w-]{43})/, mails)
  const password = `words of ${randomUUID()}`
  person.perhaps = password
  const json = { token, new_password: password }
  const answer = await insist(
    world,
    { op: "reset", path: "/v1/auth/reset-password", expect: [200], json },
    [400],
  )
  if (!answer) return
  person.password = password
  delete person.perhaps
  await world.journal.note({ op: "reset", id: person.id, password })
  await logIn(world, person)
}

/** A program of the operator's tells somebody something. */
export async function send(world: World, person: Person, token: () => Promise<string>): Promise<void> {
  const key = randomUUID()
  const answer = await insist(world, {
    op: "send",
    path: "/v1/notifications",
    expect: [201],
    token: await token(),
    headers: { "Idempotency-Key": key },
    json: { user_id: person.id, title: key, body: "Something happened." },
  })
  if (answer) await world.journal.note({ op: "send", id: String(answer.body.id), key })
}

export async function serviceToken(world: World): Promise<string> {
  const basic = Buffer.from(`backend:${world.serviceClientSecret}`).toString("base64")
  const answer = await insist(world, {
    op: "service token",
    path: "/oidc/token",
    expect: [200],
    headers: { Authorization: `Basic ${basic}`, "Content-Type": "application/x-www-form-urlencoded" },
    body: "grant_type=client_credentials&scope=notifications:write",
  })
  return String(answer?.body.access_token)
}

async function tokenInMail({ mailbox }: World, email: string, link: RegExp, after = 0): Promise<string> {
  for (const deadline = Date.now() + MAIL_MS; Date.now() < deadline; await sleep(AGAIN_MS)) {
    const theirs = mailbox
      .mails()
      .filter(({ recipients }, index) => index >= after && recipients[0] === email)
    for (const { text = "" } of theirs) {
      const [, token] = link.exec(text) ?? []
      if (token) return token
    }
  }
  throw new Error(`no mail to ${email} came`)
}

const tokensOf = (body: Json) => ({
  id: String((body.user as Json).id),
  accessToken: String(body.access_token),
  refreshToken: String(body.refresh_token),
})

export const hash = (token: string) => createHash("sha256").update(token).digest("hex")
