import { pause } from "@gatepost/testkit"
import { refresh, register } from "../../support/people.js"
import { serviceToken } from "../../support/service-client.js"
import type { AuthProcess } from "../../support/setup.js"
import { kidOf } from "./keys.js"
import type { ResourceServer } from "./verifiers.js"

/** What a resource server has seen. */
export interface Tally {
  verified: number
  refusals: string[]
}

export interface Load {
  tallies: Map<string, Tally>
  /** Which keys signed, by process and kind of token. */
  kids: Map<string, Set<string>>
  stop(): Promise<void>
}

// Up to a hundred tokens a second; more would only slow everybody down.
const PACE_MS = 35

/**
 * Has each process issue first-party tokens and those of the OpenID Provider all the time, and each resource
 * server verify them all at once, and over and over the oldest that is still valid.
 *
 * @param now the scaled time in milliseconds
 */
export function startLoad(options: {
  processes: AuthProcess[]
  servers: Map<string, ResourceServer>
  now: () => number
  ttlSeconds: number
}): Load {
  const { processes, servers, now, ttlSeconds } = options
  const issued: { token: string; expiresAtMs: number }[] = []
  const tallies = new Map([...servers.keys()].map((name) => [name, { verified: 0, refusals: [] } as Tally]))
  const kids = new Map<string, Set<string>>()
  let isStopped = false

  async function work(lane: string, issue: () => Promise<string>): Promise<void> {
    const signedBy = new Set<string>()
    kids.set(lane, signedBy)
    while (!isStopped) {
      const fresh = { expiresAtMs: now() + ttlSeconds * 1000, token: await issue() }
      signedBy.add(kidOf(fresh.token))
      issued.push(fresh)
      issued.splice(
        0,
        issued.findIndex(({ expiresAtMs }) => expiresAtMs > now()),
      )
      for (const each of [fresh, issued[0] ?? fresh]) await present(each)
      await pause(PACE_MS)
    }
  }

  async function present({ token, expiresAtMs }: { token: string; expiresAtMs: number }): Promise<void> {
    for (const [name, server] of servers) {
      const refusal = await server.refusalOf(token)
      // One that died meanwhile may be refused.
      if (now() >= expiresAtMs) continue
      const tally = tallies.get(name) as Tally
      tally.verified += 1
      if (refusal) tally.refusals.push(`${kidOf(token)}: ${refusal}`)
    }
  }

  const workers = processes.flatMap((auth, index) => [
    work(`provider of process ${index}`, () => serviceToken(auth)),
    work(`first party of process ${index}`, refreshing(auth)),
  ])
  return {
    tallies,
    kids,
    async stop() {
      isStopped = true
      await Promise.all(workers)
    },
  }
}

function refreshing(auth: AuthProcess): () => Promise<string> {
  let session: { access_token: string; refresh_token: string } | undefined
  return async () => {
    session = session ? (await refresh(auth, session.refresh_token).expect(200)).body : await register(auth)
    return session?.access_token ?? ""
  }
}
