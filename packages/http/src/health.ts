import { Router } from "express"

/** @returns nothing when the part works; throws otherwise */
export type Check = () => Promise<void>

export interface HealthOptions {
  service: string
  version: string
  /** Without these the service can't serve: `/readyz` is 503 when one fails. */
  required: Record<string, Check>
  /** Without these it serves, but worse: only told. */
  helpful?: Record<string, Check>
}

export interface HealthReport {
  status: "healthy" | "degraded"
  service: string
  version: string
  uptime_seconds: number
  checks: Record<string, "ok" | "failing">
}

export interface Health {
  router: Router
  report(): Promise<HealthReport>
  /** From now on `/readyz` says 503, so that no new requests are routed here. */
  drain(): void
  isDraining(): boolean
}

const CACHE_MS = 1_000
const CHECK_TIMEOUT_MS = 2_000

/**
 * `/livez`: the event loop turns. `/readyz`: may be given requests. `/health`: for people. The checks
 * run at most once a second, however often they are asked for (check 114).
 */
export function createHealth(options: HealthOptions): Health {
  const startedAt = Date.now()
  let draining = false
  let last: { at: number; results: Promise<Record<string, "ok" | "failing">> } | undefined

  const results = () => {
    if (!last || Date.now() - last.at > CACHE_MS)
      last = { at: Date.now(), results: runChecks({ ...options.helpful, ...options.required }) }
    return last.results
  }
  const report = async (): Promise<HealthReport> => {
    const checks = await results()
    const healthy = Object.values(checks).every((result) => result === "ok")
    const uptime_seconds = Math.round((Date.now() - startedAt) / 1000)
    const { service, version } = options
    return { status: healthy ? "healthy" : "degraded", service, version, uptime_seconds, checks }
  }

  const router = Router()
  router.use(["/livez", "/readyz", "/health"], (_req, res, next) => {
    res.setHeader("Cache-Control", "no-store")
    next()
  })
  router.get("/livez", (_req, res) => void res.json({ status: "ok" }))
  router.get("/readyz", async (_req, res) => {
    const checks = await results()
    const ready = !draining && Object.keys(options.required).every((name) => checks[name] === "ok")
    res
      .status(ready ? 200 : 503)
      .json({ status: draining ? "draining" : ready ? "ready" : "not ready", checks })
  })
  router.get("/health", async (_req, res) => void res.json(await report()))

  const drain = () => {
    draining = true
  }
  return { router, report, drain, isDraining: () => draining }
}

async function runChecks(checks: Record<string, Check>): Promise<Record<string, "ok" | "failing">> {
  const entries = Object.entries(checks).map(async ([name, check]) => {
    const works = await Promise.race([check().then(() => true), timeout()]).catch(() => false)
    return [name, works ? "ok" : "failing"] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

const timeout = () =>
  new Promise<false>((resolve) => {
    setTimeout(() => resolve(false), CHECK_TIMEOUT_MS).unref()
  })
