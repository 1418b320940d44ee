import type { Bench } from "../bench.js"
import { CONNECTIONS } from "../connections.js"
import type { PrepareLoad, Server } from "../http-subject.js"
import { startAuthOn } from "../ours/auth-service.js"
import {
  bytesPerPerson,
  emailOf,
  growthDatabase,
  PASSWORD,
  type Population,
  refreshTokenOf,
} from "../parts/growth-data.js"
import type { Scenario, Subject } from "../scenario.js"

interface Size {
  label: string
  database: string
  people: Population
}

const SMALL: Size = { label: "10 k users", database: "growth_small", people: 10_000 }
const LARGE: Size = { label: "1 M users", database: "growth_large", people: 1_000_000 }
// Of either size as many take part, so that nothing but the size differs; anywhere in the tables.
const VISITORS = 10_000
const MOST = 1.2

const signInOf = ({ label }: Size) => `sign-in, ${label}`
const refreshOf = ({ label }: Size) => `refresh, ${label}`

/** Whether people who are there already make it slower for the next: issue 8. Making a million takes some minutes. */
export const growthScenario = (): Scenario => ({
  name: "growth",
  title: "Growth",
  unit: "req",
  subjects: [
    subject(signInOf(SMALL), SMALL, signIns),
    subject(signInOf(LARGE), LARGE, signIns),
    subject(refreshOf(SMALL), SMALL, refreshes),
    subject(refreshOf(LARGE), LARGE, refreshes),
  ],
  comparisons: [signInOf, refreshOf].map((of) => ({
    subject: of(LARGE),
    against: of(SMALL),
    by: "throughput" as const,
    reach: 1 / MOST,
  })),
  limits: [
    { subject: signInOf(LARGE), against: signInOf(SMALL), by: "cpu", most: MOST },
    { subject: refreshOf(LARGE), against: refreshOf(SMALL), by: "cpu", most: MOST },
    { subject: refreshOf(LARGE), against: refreshOf(SMALL), by: "disk" },
  ],
})

function subject(
  name: string,
  { database, people }: Size,
  loadOf: (server: Server, people: Population) => Load,
) {
  return {
    name,
    async start(bench: Bench) {
      const { url, ownerUrl } = await growthDatabase(bench, database, people)
      const bytesPerUser = await bytesPerPerson(ownerUrl, people)
      const server = await startAuthOn(url)
      bench.onClose(server.stop)
      const loop = await (await bench.generator()).prepare(loadOf(server, people))
      const measure = async (seconds: number) => ({ ...(await loop.run(seconds)), bytesPerUser })
      return { pid: server.pid, measure, stop: server.stop }
    },
  } satisfies Subject
}

type Load = Awaited<ReturnType<PrepareLoad>>

function signIns({ url }: Server, people: Population): Load {
  return {
    url: `${url}/v1/auth/login`,
    method: "POST",
    body: JSON.stringify({ email: "{token}", password: PASSWORD }),
    tokens: { kind: "cycle", values: visitorsOf(people).map(emailOf) },
    expect: 200,
    connections: CONNECTIONS.signIn,
  }
}

function refreshes({ url }: Server, people: Population): Load {
  return {
    url: `${url}/v1/auth/refresh`,
    method: "POST",
    body: JSON.stringify({ refresh_token: "{token}" }),
    tokens: { kind: "chain", values: visitorsOf(people).map(refreshTokenOf), member: "refresh_token" },
    expect: 200,
    connections: CONNECTIONS.refresh,
  }
}

/** Far from each other, and in no order: 7,919 is prime, so it comes past each once. */
function visitorsOf(people: Population): number[] {
  const step = people / VISITORS
  return Array.from({ length: VISITORS }, (_, turn) => 1 + ((turn * 7_919) % VISITORS) * step)
}
