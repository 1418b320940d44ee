import type { Fact } from "@gatepost/contracts"

const TIMEOUT_MS = 5_000

export interface Told {
  /** `refused`: it will never take these, as they are. */
  kind: "told" | "refused" | "failed"
  /** In a word or two. */
  answer: string
}

/**
 * Brings facts to the notifications API.
 *
 * @param options.url of the operator's choosing, so it may be an inner one
 * @param options.token one that it takes
 * @returns a function that never rejects
 */
export function createTeller(options: { url: string; token(): Promise<string> }) {
  const target = new URL("/v1/notifications/facts", options.url).href

  return async (facts: readonly Fact[]): Promise<Told> => {
    try {
      const { status } = await fetch(target, {
        method: "POST",
        headers: { Authorization: `Bearer ${await options.token()}`, "Content-Type": "application/json" },
        body: JSON.stringify({ facts }),
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      const answer = `status ${status}`
      if (status === 200) return { kind: "told", answer }
      return { kind: status === 400 || status === 413 ? "refused" : "failed", answer }
    } catch (cause) {
      const { code } = ((cause as Error).cause ?? cause) as NodeJS.ErrnoException
      return { kind: "failed", answer: code ?? (cause as Error).name }
    }
  }
}
