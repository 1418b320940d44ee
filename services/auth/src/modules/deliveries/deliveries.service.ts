import { type Database, listen } from "@gatepost/postgres"
import { createPulse, type Logger } from "@gatepost/runtime"
import type { Registry } from "prom-client"
import { deliveriesRepository } from "./deliveries.repository.js"
import type { Delivery, DeliveryTable, RetryPolicy, TryResult } from "./deliveries.types.js"
import { registerMetrics } from "./metrics.js"
import { createSender } from "./sender.js"

export interface DeliveriesOptions<Facts> {
  /** What is delivered, in the log; and how metrics name it and its targets. */
  what: string
  metrics: { registry: Registry; prefix: string; label: string; of: string }
  table: DeliveryTable<Facts>
  /** Told by NOTIFY when a delivery is committed. */
  channel: string
  policy: RetryPolicy
  /** Who may be told now; asked before each look. */
  listTargets(): Promise<readonly string[]>
  send(delivery: Delivery & Facts): Promise<TryResult>
  factsOf(delivery: Delivery & Facts): object
  database: Database
  /** Of the same database, for a connection that listens. */
  databaseUrl: string
  logger: Logger
}

export interface Deliveries {
  /** Deletes what is long over; returns how many. */
  sweep(): Promise<number>
  /** Waits for what is on its way. */
  stop(): Promise<void>
}

const POLL_MS = 1_000
// Of one target, in this process: one that is slow keeps the others' places free.
const PLACES = 4
// A try takes five seconds at most; a process that died in it delays its deliveries by this much.
const LEASE_SECONDS = 30

/**
 * Tells others of what happened: each has left a row, in the transaction in which it happened, which is due until its
 * target has taken it. Any number of processes share the work.
 */
export function openDeliveries<Facts>(options: DeliveriesOptions<Facts>): Deliveries {
  const { what, database, databaseUrl, logger } = options
  const repository = deliveriesRepository(database.db, options.table)
  const underWay = new Map<string, Set<Promise<void>>>()
  let targets: readonly string[] = []

  const { listOldest } = repository
  const tries = registerMetrics({ ...options.metrics, targets: () => targets, listOldest })
  const onTry = ({ targetId }: Delivery, { kind }: TryResult) =>
    tries.inc({ [options.metrics.label]: targetId, outcome: kind })
  const send = createSender({ ...options, repository, onTry })
  const pulse = createPulse({
    name: what,
    intervalMs: POLL_MS,
    logger,
    task: async () => {
      targets = await options.listTargets()
      if (targets.length === 0) return
      const free = targets.map((targetId) => ({
        targetId,
        places: PLACES - (underWay.get(targetId)?.size ?? 0),
      }))
      for (const delivery of await repository.claimDue(free, LEASE_SECONDS)) launch(delivery)
    },
  })
  const listener = listen(databaseUrl, options.channel, pulse.wake, logger)
  pulse.start()

  return {
    sweep: repository.deleteOld,
    async stop() {
      await listener.close()
      await pulse.stop()
      await Promise.all([...underWay.values()].flatMap((sendings) => [...sendings]))
    },
  }

  function launch(delivery: Delivery & Facts): void {
    const sendings = underWay.get(delivery.targetId) ?? new Set<Promise<void>>()
    underWay.set(delivery.targetId, sendings)
    const sending = send(delivery).finally(() => {
      sendings.delete(sending)
      if (sendings.size === 0) underWay.delete(delivery.targetId)
      pulse.wake()
    })
    sendings.add(sending)
  }
}
