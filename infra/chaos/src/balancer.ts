import { setTimeout as sleep } from "node:timers/promises"
import type { Member } from "@gatepost/fleet"
import { startTcpProxy } from "@gatepost/testkit"

/** What a load balancer in front of one service's processes does: asks them for readiness, and chooses by it. */
export interface Balancer {
  url: string
  /** Cuts every connection of its clients, and takes new ones at once. */
  reset(): void
  close(): Promise<void>
}

const PROBE_MS = 500
const PROBE_LIMIT_MS = 1_000
/** So many probes in a row take it out; one brings it back. */
const FAILURES = 2

/** Each new connection goes to the next process that `/readyz` says 200 of. */
export async function openBalancer(members: readonly Member[]): Promise<Balancer> {
  const targets = members.map((member) => ({ url: `http://127.0.0.1:${member.env.PORT}`, failures: 0 }))
  let turn = 0
  let isOpen = true

  const probe = async (target: (typeof targets)[number]) => {
    const signal = AbortSignal.timeout(PROBE_LIMIT_MS)
    const answer = await fetch(`${target.url}/readyz`, { signal }).catch(() => undefined)
    await answer?.arrayBuffer().catch(() => {})
    target.failures = answer?.status === 200 ? 0 : target.failures + 1
  }
  const probing = targets.map(async (target) => {
    for (; isOpen; await sleep(PROBE_MS)) await probe(target)
  })
  const next = () => {
    const ready = targets.filter(({ failures }) => failures < FAILURES)
    const candidates = ready.length > 0 ? ready : targets
    return candidates[turn++ % candidates.length]?.url ?? ""
  }
  const proxy = await startTcpProxy(next)

  return {
    url: new URL(proxy.url).origin,
    reset: proxy.reset,
    async close() {
      isOpen = false
      await Promise.all(probing)
      await proxy.close()
    },
  }
}
