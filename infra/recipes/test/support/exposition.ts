/** One line of /metrics. */
export interface Series {
  name: string
  labels: Record<string, string>
}

/** What /metrics says of one metric. */
export interface Metric {
  name: string
  type: string
  help: string
  series: Series[]
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g

/** Reads the text format of Prometheus, as far as prom-client writes it. */
export function readExposition(text: string): Metric[] {
  const metrics: Metric[] = []
  for (const line of text.split("\n")) {
    const [, kind, name = "", words = ""] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? []
    if (kind === "HELP") metrics.push({ name, type: "", help: words, series: [] })
    const metric = metrics.at(-1)
    if (kind === "TYPE" && metric) metric.type = words
    const [, series, labels = ""] = LINE.exec(line) ?? []
    if (series && metric) metric.series.push({ name: series, labels: labelsOf(labels) })
  }
  return metrics
}

const labelsOf = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(LABEL)].map(([, name, value]) => [name, value ?? ""]))

/** A selector of PromQL, such as `up{job="gatepost"}`. */
export interface Selector {
  name: string
  matches(labels: Record<string, string>): boolean
}

const SELECTOR = /([a-z_:][\w:]*)\{([^}]*)\}|([a-z_:][\w:]*_[\w:]*)(?=[\s)[]|$)/g
const MATCHER = /(\w+)(=~|!~|!=|=)"([^"]*)"/g

/** The metrics that an expression reads, each with what it asks of their labels. */
export function selectorsOf(expr: string): Selector[] {
  const grouped = expr.replaceAll(/\b(?:by|without|on|ignoring)\s*\([^)]*\)/g, "")
  return [...grouped.matchAll(SELECTOR)]
    .filter(([text, , , bare]) => bare === undefined || !isFunction(text))
    .map(([, name, matchers = "", bare]) => ({
      name: name ?? bare ?? "",
      matches: (labels) =>
        [...matchers.matchAll(MATCHER)].every(([, label = "", how, wanted = ""]) => {
          const value = labels[label] ?? ""
          const same = how?.includes("~") ? new RegExp(`^(?:${wanted})$`).test(value) : value === wanted
          return how?.startsWith("!") ? !same : same
        }),
    }))
}

const isFunction = (word: string) => word === "histogram_quantile"
