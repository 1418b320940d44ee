import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { needs } from "@gatepost/testkit"
import { type Metric, selectorsOf } from "./support/exposition.js"
import { inRoot, readText, readYaml } from "./support/root.js"
import { watched } from "./support/watched.js"

interface Rules {
  groups: { rules: { alert: string; expr: string; labels: { severity: string } }[] }[]
}
interface Dashboard {
  uid: string
  panels: { title: string; targets: { expr: string; legendFormat: string }[] }[]
}

// What Prometheus itself makes.
const NOT_OURS = new Set(["up"])
// Prometheus' own rules: https://prometheus.io/docs/practices/naming/. Counted things have no unit.
const UNITS = /_(seconds|bytes|ratio|info)(_total)?$/
const OTHER_UNITS = /_(ms|milliseconds|microseconds|minutes|hours|days|kb|kib|mb|mib|percent)(_|$)/
const UNITLESS_HISTOGRAMS = ["mail_attempts_until_sent"]
// Each of few values: states and words of the code, patterns of paths, what operators have made.
const LABELS = [
  "service",
  "method",
  "route",
  "status",
  "le",
  "lane",
  "state",
  "outcome",
  "fate",
  "reason",
  "channel",
  "feed",
]
const OF_OPERATORS = ["client_id", "webhook_id", "provider"]
// prom-client's of the process itself.
const OF_NODE = /^(nodejs|process)_/
const MAX_SERIES = 300

describe("what watches Gatepost", function () {
  this.timeout(90_000)
  const [rules] = readYaml<Rules>("infra/watch/alerts.yaml")
  const alerts = rules?.groups.flatMap((group) => group.rules) ?? []
  const files = readdirSync(inRoot("infra/watch/dashboards"))
  const dashboards = files.map((file) => JSON.parse(readText(`infra/watch/dashboards/${file}`)) as Dashboard)
  let services: Record<string, Metric[]>
  let all: Metric[]
  let close: () => Promise<void>
  before(async () => {
    const { metrics, ...rest } = await watched()
    services = metrics
    all = Object.values(metrics).flat()
    close = rest.close
  })
  after(() => close?.())

  const seriesOf = (name: string) => all.flatMap(({ series }) => series.filter((each) => each.name === name))

  it("asks in alarms for metrics and labels that a service exports", () => {
    assert.ok(alerts.length > 14)
    for (const { expr } of alerts)
      for (const { name } of selectorsOf(expr)) {
        if (NOT_OURS.has(name)) continue
        const [some] = seriesOf(name)
        assert.ok(some, `${name} in ${expr}`)
        for (const label of groupedBy(expr))
          assert.ok(label in some.labels || label === "instance", `${label} in ${expr}`)
      }
  })

  it("shows in each panel what /metrics really has, with the labels of its legend", () => {
    const panels = dashboards.flatMap(({ panels }) => panels)
    assert.ok(panels.length > 40)
    for (const { title, targets } of panels)
      for (const { expr, legendFormat } of targets)
        for (const { name, matches } of selectorsOf(expr)) {
          const found = seriesOf(name).filter(({ labels }) => matches(labels))
          // No request has failed in this test.
          if (expr.includes(`${name}{`) && /status=~"5\.\."/.test(expr) && found.length === 0) continue
          assert.ok(found[0], `${title}: ${expr}`)
          for (const [, label = ""] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
            assert.ok(label in found[0].labels || label === "instance", `${title}: ${label}`)
        }
  })

  it("has a dashboard for each service, and a name of its own for each alarm and dashboard", () => {
    assert.deepEqual(files.map((file) => file.replace(".json", "")).sort(), Object.keys(services).sort())
    for (const names of [alerts.map(({ alert }) => alert), dashboards.map(({ uid }) => uid)])
      assert.equal(new Set(names).size, names.length)
    const manual = readText("docs/operations/watching.md")
    for (const { alert, labels } of alerts) {
      assert.ok(["page", "ticket"].includes(labels.severity))
      assert.ok(manual.includes(`\`${alert}\``), `${alert} is not in docs/operations/watching.md`)
    }
  })

  it("names metrics by Prometheus' rules: words, base units, _total for what only grows", () => {
    for (const { name, type, help } of all) {
      assert.match(name, /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/)
      assert.ok(help.length > 10, `${name}: ${help}`)
      assert.doesNotMatch(name, OTHER_UNITS)
      if (OF_NODE.test(name)) continue
      assert.equal(name.endsWith("_total"), type === "counter", `${name} is a ${type}`)
      if (type === "histogram") assert.ok(UNITS.test(name) || UNITLESS_HISTOGRAMS.includes(name), name)
    }
  })

  it("labels by what is few: made-up paths and ids of people make no series", () => {
    for (const [service, metrics] of Object.entries(services)) {
      const count = metrics.reduce((sum, { series }) => sum + series.length, 0)
      assert.ok(count < MAX_SERIES * 3, `${service} has ${count} series`)
      for (const { name, series } of metrics.filter(({ name }) => !OF_NODE.test(name))) {
        assert.ok(series.length < MAX_SERIES, `${name} of ${service} has ${series.length} series`)
        for (const { labels } of series)
          for (const [label, value] of Object.entries(labels)) {
            assert.ok([...LABELS, ...OF_OPERATORS].includes(label), `${name} has the label ${label}`)
            if (!OF_OPERATORS.includes(label)) assert.doesNotMatch(value, /made-up|[0-9a-f]{8}-|@/, name)
          }
      }
    }
  })

  it("is sound to promtool: its rules, their tests, and the example of a configuration", function () {
    needs(this, "promtool", ["--version"], "promtool is not installed (Debian: apt-get install prometheus)")
    for (const args of [
      ["check", "rules", "alerts.yaml"],
      ["test", "rules", "alerts.test.yaml"],
      ["check", "config", "prometheus.yaml"],
    ]) {
      const { status, stdout, stderr } = spawnSync("promtool", args, { cwd: inRoot("infra/watch") })
      assert.equal(status, 0, `${stdout}${stderr}`)
    }
  })
})

const groupedBy = (expr: string): string[] =>
  [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = ""]) =>
    list.split(",").map((word) => word.trim()),
  )
