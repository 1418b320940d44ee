import { setTimeout as sleep } from "node:timers/promises"
import type { Random } from "../random.js"
import {
  logIn,
  type Person,
  read,
  refresh,
  register,
  resetPassword,
  send,
  serviceToken,
  verify,
  type World,
} from "./operations.js"

export interface Load {
  readonly people: Person[]
  start(perSecond: number): void
  /** Nothing new is begun; resolves when what was begun is acknowledged, or says what hangs. */
  rest(): Promise<string[]>
}

// SECURITY.md section 4, in per cent.
const MIX = { refresh: 60, read: 15, logIn: 10, register: 5, resetPassword: 5, send: 5 } as const

type Operation = keyof typeof MIX

const REFRESHES = 9
// Longer than anybody waits for a mail.
const PATIENCE_MS = 100_000
// Well within its lifetime.
const TOKEN_MS = 60_000

/** People who come and go about their business, begun at a fixed rate whatever the answers are. */
export async function createLoad(world: World, random: Random, count: number): Promise<Load> {
  const people: Person[] = []
  const idle: Person[] = []
  const underWay = new Map<Promise<void>, string>()
  let token = { value: Promise.resolve(""), until: 0 }
  let begun = performance.now()
  let perSecond = 0
  let timer: NodeJS.Timeout | undefined

  const takeToken = () => {
    if (token.until < performance.now())
      token = { value: serviceToken(world), until: performance.now() + TOKEN_MS }
    return token.value
  }
  const join = async () => {
    const person = await register(world)
    if (!person) return
    people.push(person)
    await verify(world, person)
    idle.push(person)
  }
  const operations: Record<Exclude<Operation, "register">, (person: Person) => Promise<void>> = {
    refresh: (person) => (isHasty(person) ? read(world, person) : refresh(world, person)),
    read: (person) => read(world, person),
    logIn: (person) => logIn(world, person),
    resetPassword: (person) => (person.hasReset ? logIn(world, person) : resetPassword(world, person)),
    send: (person) => send(world, person, takeToken),
  }

  function begin(operation: Operation): void {
    const work = operation === "register" ? join() : withSomebody(operation)
    if (!work) return
    const done = work.catch((cause: Error) => void failures.push(`${operation}: ${cause.message}`))
    underWay.set(done, operation)
    void done.finally(() => underWay.delete(done))
  }
  function withSomebody(operation: Exclude<Operation, "register">): Promise<void> | undefined {
    const [person] = idle.splice(random.below(idle.length), 1)
    return person && operations[operation](person).finally(() => idle.push(person))
  }
  const failures: string[] = []
  const tick = () => {
    for (; begun < performance.now(); begun += 1_000 / perSecond) begin(choose(random))
  }

  await Promise.all(Array.from({ length: count }, join))
  return {
    people,
    start(rate) {
      perSecond = rate
      begun = performance.now()
      timer ??= setInterval(tick, 20)
    },
    async rest() {
      clearInterval(timer)
      timer = undefined
      for (const deadline = Date.now() + PATIENCE_MS; underWay.size > 0 && Date.now() < deadline; )
        await Promise.race([...underWay.keys(), sleep(1_000)])
      return [...failures.splice(0), ...[...underWay.values()].map((operation) => `${operation} hangs`)]
    },
  }
}

/** A session may be refreshed ten times a minute (docs/limits.md): who did it so often reads. */
function isHasty(person: Person): boolean {
  const since = performance.now() - 60_000
  person.refreshes = person.refreshes.filter((at) => at > since)
  return person.refreshes.push(performance.now()) >= REFRESHES
}

function choose(random: Random): Operation {
  let point = random.next() * 100
  for (const [operation, share] of Object.entries(MIX) as [Operation, number][]) {
    point -= share
    if (point < 0) return operation
  }
  return "refresh"
}
