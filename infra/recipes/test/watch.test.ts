import assert from "node:assert/strict"
import { readdirSync } from "node:fs"
import { registerMetrics } from "@gatepost/auth/modules/deliveries/metrics"
import { createMetrics } from "@gatepost/http"
import { createMailMetrics } from "@gatepost/mail-worker/mail-metrics"
import { inRoot, readText, readYaml } from "./support/root.js"

interface Rules {
  groups: { rules: { alert: string; expr: string; labels: { severity: string } }[] }[]
}
interface Dashboard {
  uid: string
  panels: { targets: { expr: string }[] }[]
}

// Words of PromQL, and what Prometheus itself makes.
const NOT_OURS = new Set(["by", "or", "sum", "max", "rate", "topk", "histogram_quantile", "up"])

describe("what watches Gatepost", () => {
  const [rules] = readYaml<Rules>("infra/watch/alerts.yaml")
  const alerts = rules?.groups.flatMap((group) => group.rules) ?? []
  const files = readdirSync(inRoot("infra/watch/dashboards"))
  const dashboards = files.map((file) => JSON.parse(readText(`infra/watch/dashboards/${file}`)) as Dashboard)

  it("asks for metrics and labels that a service exports", async () => {
    const exported = await exportedNames()
    const expressions = [
      ...alerts.map(({ expr }) => expr),
      ...dashboards.flatMap(({ panels }) => panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))),
    ]
    assert.ok(expressions.length > 40)
    for (const expr of expressions)
      assert.deepEqual(
        namesIn(expr).filter((name) => !exported.has(name)),
        [],
        expr,
      )
  })

  it("has a name of its own for each alarm and dashboard", () => {
    for (const names of [alerts.map(({ alert }) => alert), dashboards.map(({ uid }) => uid)])
      assert.equal(new Set(names).size, names.length)
    for (const { labels } of alerts) assert.ok(["page", "ticket"].includes(labels.severity))
  })
})

/** Metrics with the endings of histograms, and labels. */
async function exportedNames(): Promise<Set<string>> {
  const metrics = createMetrics("any")
  createMailMetrics(metrics, {} as Parameters<typeof createMailMetrics>[1])
  for (const { prefix, label } of deliveries())
    registerMetrics({
      registry: metrics.registry,
      prefix,
      label,
      of: "event",
      targets: () => [],
      listOldest: async () => [],
    })
  const found = metrics.registry.getMetricsAsArray().flatMap((metric) => {
    const {
      name,
      type,
      labelNames = [],
    } = metric as unknown as { name: string; type: string; labelNames?: string[] }
    const endings = type === "histogram" ? ["_bucket", "_count", "_sum"] : [""]
    return [...endings.map((ending) => name + ending), ...labelNames]
  })
  metrics.registry.clear()
  // The registry's label for all, a histogram's, and the scrape's own.
  return new Set([...found, "service", "le", "instance", "job"])
}

/** What the auth service tells others of, as its modules name it for the metrics. */
const deliveries = () =>
  ["backchannel-logout/backchannel-logout", "webhooks/webhooks"].map((module) => {
    const source = readText(`services/auth/src/modules/${module}.service.ts`)
    const [, prefix = "", label = ""] = /prefix: "(\w+)",\s+label: "(\w+)"/.exec(source) ?? []
    return { prefix, label }
  })

const namesIn = (expr: string): string[] =>
  [...expr.replaceAll(/"[^"]*"|\[\w+\]/g, "").matchAll(/[a-z_][a-z0-9_]*/g)]
    .map(([name]) => name)
    .filter((name) => !NOT_OURS.has(name))
