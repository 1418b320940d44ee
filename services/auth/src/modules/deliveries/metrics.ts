import { Counter, Gauge, type Registry } from "prom-client"

export interface DeliveryMetricsOptions {
  registry: Registry
  /** What the names of the metrics begin with. */
  prefix: string
  /** The label with a target's id. */
  label: string
  /** What a target is told of, in words. */
  of: string
  targets(): readonly string[]
  listOldest(): Promise<{ targetId: string; age: number }[]>
}

/** @returns the counter of tries */
export function registerMetrics(options: DeliveryMetricsOptions): Counter {
  const { registry, prefix, label, of, targets, listOldest } = options
  new Gauge({
    name: `${prefix}_oldest_seconds`,
    help: `Seconds since the oldest ${of} that its target was not told of; 0 for none`,
    labelNames: [label],
    registers: [registry],
    async collect() {
      // Without the database the other figures are still wanted.
      const rows = await listOldest().catch(() => undefined)
      const ages = new Map(rows?.map(({ targetId, age }) => [targetId, age]))
      if (rows) for (const id of targets()) this.set({ [label]: id }, ages.get(id) ?? 0)
    },
  })
  return new Counter({
    name: `${prefix}_tries_total`,
    help: `Tries to tell of a ${of}: delivered, refused, failed, or blocked as the target is not public`,
    labelNames: [label, "outcome"],
    registers: [registry],
  })
}
