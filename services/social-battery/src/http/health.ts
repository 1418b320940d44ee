import { setTimeout as sleep } from "node:timers/promises"
import { Router } from "express"

export type Health = ReturnType<typeof createHealth>

const CACHE_MS = 1_000
const CHECK_TIMEOUT_MS = 2_000

/**
 * `/livez`: the event loop turns. `/readyz`: may be given requests, for which all checks must pass; they run at most
 * once a second, however often they are asked for.
 */
export function createHealth(checks: Record<string, () => Promise<unknown>>) {
  let isDraining = false
  let last: { at: number; results: Promise<Record<string, string>> } | undefined

  const results = () => {
    if (!last || Date.now() - last.at > CACHE_MS) last = { at: Date.now(), results: run(checks) }
    return last.results
  }

  const router = Router()
  router.get("/livez", (_req, res) => {
    res.set("Cache-Control", "no-store").json({ status: "ok" })
  })
  router.get("/readyz", async (_req, res) => {
    const found = await results()
    const isReady = !isDraining && Object.values(found).every((result) => result === "ok")
    const status = isDraining ? "draining" : isReady ? "ready" : "not ready"
    res
      .status(isReady ? 200 : 503)
      .set("Cache-Control", "no-store")
      .json({ status, checks: found })
  })
  return {
    router,
    isDraining: () => isDraining,
    /** From now on `/readyz` says 503, so that no new requests are routed here. */
    drain() {
      isDraining = true
    },
  }
}

async function run(checks: Record<string, () => Promise<unknown>>): Promise<Record<string, string>> {
  const results = Object.entries(checks).map(async ([name, check]) => {
    const tooLong = sleep(CHECK_TIMEOUT_MS, "failing", { ref: false })
    const result = check().then(
      () => "ok",
      () => "failing",
    )
    return [name, await Promise.race([result, tooLong])]
  })
  return Object.fromEntries(await Promise.all(results))
}
