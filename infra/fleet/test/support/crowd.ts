import { randomUUID } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import type { Fleet } from "@gatepost/fleet"

/** One answer that a person got, or `0` where there was none. */
export interface Answer {
  what: string
  status: number
  /** Of a problem, or how the connection failed. */
  told: string
  at: number
  email: string
}

/** People who sign up and go about, one after the other in each of several lines, until told to stop. */
export interface Crowd {
  answers: Answer[]
  /** Those whose sign-up was acknowledged. */
  acknowledged(): string[]
  stop(): Promise<void>
}

type Body = Record<string, string> | undefined

const PASSWORD = "a fine long passphrase"
const PAUSE_MS = 30

/** `steps`: what each does after signing up: a refresh, a look into the inbox. */
export function startCrowd({ url }: Fleet, lines: number, steps: "sign up" | "all"): Crowd {
  const answers: Answer[] = []
  let over = false

  const call = async (what: string, email: string, path: string, init: RequestInit) => {
    // Each on a connection of its own: nginx closes idle ones when it is reloaded, whatever comes just then.
    const headers = { ...init.headers, Connection: "close" }
    const signal = AbortSignal.timeout(20_000)
    const response = await fetch(`${url}${path}`, { ...init, headers, signal }).catch((cause: Error) => cause)
    const failed = response instanceof Error
    const body = failed ? undefined : ((await response.json().catch(() => undefined)) as Body)
    const told = failed ? String(response.cause ?? response) : String(body?.code ?? body?.title ?? "")
    answers.push({ what, status: failed ? 0 : response.status, told, at: Date.now(), email })
    return body
  }
  const post = (what: string, email: string, path: string, body: object) =>
    call(what, email, path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    })
  const line = async () => {
    while (!over) {
      const email = `${randomUUID()}@example.com`
      const tokens = await post("sign up", email, "/v1/auth/register", { email, password: PASSWORD })
      if (steps === "all" && tokens?.refresh_token) {
        const fresh = await post("refresh", email, "/v1/auth/refresh", {
          refresh_token: tokens.refresh_token,
        })
        const headers = { Authorization: `Bearer ${fresh?.access_token}` }
        await call("look into the inbox", email, "/v1/notifications", { headers })
      }
      await sleep(PAUSE_MS)
    }
  }
  const running = Promise.all(Array.from({ length: lines }, line))
  return {
    answers,
    acknowledged: () =>
      answers.flatMap(({ what, status, email }) => (what === "sign up" && status === 201 ? [email] : [])),
    async stop() {
      over = true
      await running
    },
  }
}
