import type { Egress } from "@gatepost/egress"
import { Problem, type RequestContext, type UserCaller } from "@gatepost/http"
import type { Database, Db } from "@gatepost/postgres"
import { type Logger, newId, type Sealer, systemClock } from "@gatepost/runtime"
import type { Registry } from "prom-client"
import { type AuditEventName, insertAuditEvent } from "../audit/index.js"
import { type Delivery, openDeliveries, type TryResult } from "../deliveries/index.js"
import { eventsRepository, toEventBody } from "../events/index.js"
import { newWebhookSecret, signedHeaders } from "./signature.js"
import { CHANNEL, WEBHOOK_DELIVERIES, type WebhookRecord, webhooksRepository } from "./webhooks.repository.js"

export interface WebhooksDeps {
  database: Database
  /** Of the same database, for a connection that listens. */
  databaseUrl: string
  egress: Egress
  /** Seals the secrets, which have to be read back. */
  sealer: Sealer
  metrics: { registry: Registry }
  logger: Logger
}

/** What is shown once. */
export interface ShownWebhook {
  webhook: WebhookRecord
  secret: string
}

export type Webhooks = ReturnType<typeof openWebhooks>

// A receiver that says 410 is gone, and means it.
const POLICY = { longestPauseSeconds: 3_600, giveUpSeconds: 3 * 86_400, maxRefusals: 1 }
const GONE = 410
const MAX_WEBHOOKS = 50

/** Tells other backends what happens to users and sessions (Standard Webhooks). */
export function openWebhooks(deps: WebhooksDeps) {
  const { database, egress, sealer } = deps
  const webhooks = webhooksRepository(database.db)
  const events = eventsRepository(database.db)
  const deliveries = openDeliveries({
    ...deps,
    what: "webhook",
    metrics: { registry: deps.metrics.registry, prefix: "webhook", label: "webhook_id", of: "event" },
    table: WEBHOOK_DELIVERIES,
    channel: CHANNEL,
    policy: POLICY,
    listTargets: () => webhooks.listEnabled(),
    send,
    factsOf: ({ eventId, targetId, tries }) => ({ webhook: targetId, event: eventId, tries }),
  })

  return {
    sweep: deliveries.sweep,
    stop: deliveries.stop,
    list: () => webhooks.listWebhooks(),

    /** @throws Problem `request.invalid` for a target that is not for us to call, `webhook.too-many` */
    async create(
      caller: UserCaller,
      { url, eventTypes }: { url: string; eventTypes: readonly string[] },
      context: RequestContext,
    ): Promise<ShownWebhook> {
      const fault = egress.faultOf(url)
      if (fault) throw new Problem("request.invalid", { errors: [{ pointer: "/url", message: fault }] })
      const [id, secret] = [newId(), newWebhookSecret()]
      const isMade = await database.transaction(async (trx) => {
        if ((await webhooksRepository(trx).lockCount()) >= MAX_WEBHOOKS) return false
        const secretSealed = sealer.seal(secret, id)
        await webhooksRepository(trx).insertWebhook({ id, url, eventTypes, secretSealed })
        await audit(trx, "webhook.created", id, caller, context)
        return true
      })
      if (!isMade) throw new Problem("webhook.too-many")
      return { webhook: await find(id), secret }
    },

    /** A new secret; for a while the old one signs as well. @throws Problem `webhook.not-found` */
    async rotate(caller: UserCaller, id: string, overlapSeconds: number, context: RequestContext) {
      const secret = newWebhookSecret()
      await change("webhook.rotated", caller, id, context, (trx) =>
        webhooksRepository(trx).updateSecret(id, sealer.seal(secret, id), overlapSeconds),
      )
      return { webhook: await find(id), secret }
    },

    /** Goes on with one whose receiver had said that it is gone. @throws Problem `webhook.not-found` */
    async enable(caller: UserCaller, id: string, context: RequestContext): Promise<WebhookRecord> {
      await change("webhook.enabled", caller, id, context, (trx) =>
        webhooksRepository(trx).updateDisabled(id, false),
      )
      return find(id)
    },

    /** @throws Problem `webhook.not-found` */
    remove: (caller: UserCaller, id: string, context: RequestContext): Promise<void> =>
      change("webhook.deleted", caller, id, context, (trx) => webhooksRepository(trx).deleteWebhook(id)),

    /** Tells a webhook once more of all that came after a place in the feed. @throws Problem `webhook.not-found` */
    async replay(id: string, after: number): Promise<number> {
      await find(id)
      await events.updateUnpublished()
      return webhooks.insertReplay(id, after)
    },
  }

  async function find(id: string): Promise<WebhookRecord> {
    const webhook = await webhooks.findWebhook(id)
    if (!webhook) throw new Problem("webhook.not-found")
    return webhook
  }

  async function change(
    event: AuditEventName,
    caller: UserCaller,
    id: string,
    context: RequestContext,
    work: (trx: Db) => Promise<boolean>,
  ): Promise<void> {
    const isDone = await database.transaction(async (trx) => {
      if (!(await work(trx))) return false
      await audit(trx, event, id, caller, context)
      return true
    })
    if (!isDone) throw new Problem("webhook.not-found")
  }

  async function send({ eventId, targetId }: Delivery & { eventId: string }): Promise<TryResult> {
    const [target, event] = await Promise.all([webhooks.findTarget(targetId), events.findEvent(eventId)])
    // Deleted or disabled meanwhile.
    if (!target || !event) return { kind: "refused", answer: "nobody to tell" }
    const sealed = [target.secretSealed, target.formerSecretSealed].filter(
      (secret) => secret !== undefined && secret !== null,
    )
    const secrets = sealed.map((secret) => sealer.open(secret, targetId))
    const body = JSON.stringify(toEventBody(event))
    const at = new Date(systemClock.now())
    const headers = signedHeaders(eventId, body, secrets, at)
    const { status } = await egress.post(target.url, { headers, body })
    if (status === GONE) await webhooks.updateDisabled(targetId, true)
    return { kind: kindOf(status), answer: `status ${status}` }
  }
}

function kindOf(status: number): TryResult["kind"] {
  if (status >= 200 && status < 300) return "delivered"
  return status === GONE ? "refused" : "failed"
}

function audit(
  trx: Db,
  event: AuditEventName,
  webhook: string,
  { userId: by }: UserCaller,
  context: RequestContext,
): Promise<void> {
  return insertAuditEvent(trx, { event, outcome: "success", detail: { webhook, by } }, context)
}
