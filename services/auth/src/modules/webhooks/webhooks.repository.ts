import type { Db } from "@gatepost/postgres"
import type { DeliveryTable } from "../deliveries/index.js"

/** Told when a delivery is committed; the function of migration 0035 has the same name. */
export const CHANNEL = "webhooks"

export const WEBHOOK_DELIVERIES: DeliveryTable<{ eventId: string }> = {
  name: "auth.webhook_deliveries",
  target: { column: "webhook_id", type: "uuid" },
  facts: { eventId: "event_id" },
}

export interface WebhookRecord {
  id: string
  url: string
  eventTypes: string[]
  createdAt: Date
  disabledAt: Date | undefined
  /** What it has not taken yet, and what its receiver said last. */
  pending: number
  lastAnswer: string | undefined
}

/** Where to send, and what signs. */
export interface WebhookTarget {
  url: string
  secretSealed: Buffer
  /** Of before a rotation, while it counts. */
  formerSecretSealed: Buffer | undefined
}

interface WebhookRow {
  id: string
  url: string
  event_types: string[]
  created_at: Date
  disabled_at: Date | null
  pending: number
  last_answer: string | null
}

const SELECT = `select w.id, w.url, w.event_types, w.created_at, w.disabled_at,
    (select count(*)::int from auth.webhook_deliveries d where d.webhook_id = w.id and d.ended_at is null) as pending,
    (select d.last_answer from auth.webhook_deliveries d where d.webhook_id = w.id and d.last_answer is not null
      order by d.created_at desc limit 1) as last_answer
  from auth.webhooks w`

/** What of it is sealed, and with what: the secret, and the one before while both are good. */
export const WEBHOOKS_SEALED = {
  table: "auth.webhooks",
  id: "id",
  column: "secret_sealed",
  purpose: "webhook secrets",
} as const
export const FORMER_WEBHOOKS_SEALED = { ...WEBHOOKS_SEALED, column: "former_secret_sealed" }

export const webhooksRepository = (db: Db) => ({
  async insertWebhook(webhook: {
    id: string
    url: string
    eventTypes: readonly string[]
    secretSealed: Buffer
  }): Promise<void> {
    await db.raw(
      `insert into auth.webhooks (id, url, event_types, secret_sealed)
       values (:id, :url, :eventTypes, :secretSealed)`,
      { ...webhook, eventTypes: [...webhook.eventTypes] },
    )
  },

  /** How many there are; until the transaction ends nobody else makes one. */
  async lockCount(): Promise<number> {
    await db.raw("select pg_advisory_xact_lock(hashtext('auth.webhooks'))")
    const { rows } = await db.raw("select count(*)::int as count from auth.webhooks")
    return rows[0].count
  },

  async listWebhooks(): Promise<WebhookRecord[]> {
    const { rows } = await db.raw(`${SELECT} order by w.created_at, w.id limit 1000`)
    return rows.map(toRecord)
  },

  async findWebhook(id: string): Promise<WebhookRecord | undefined> {
    const { rows } = await db.raw(`${SELECT} where w.id = ?`, [id])
    return rows[0] && toRecord(rows[0])
  },

  async listEnabled(): Promise<string[]> {
    const { rows } = await db.raw("select id from auth.webhooks where disabled_at is null limit 1000")
    return rows.map(({ id }: { id: string }) => id)
  },

  async findTarget(id: string): Promise<WebhookTarget | undefined> {
    const { rows } = await db.raw(
      `select url, secret_sealed as "secretSealed",
         case when former_until > now() then former_secret_sealed end as "formerSecretSealed"
       from auth.webhooks where id = ? and disabled_at is null`,
      [id],
    )
    return rows[0]
  },

  /** @returns whether there is such a webhook */
  async updateSecret(id: string, secretSealed: Buffer, overlapSeconds: number): Promise<boolean> {
    const { rowCount } = await db.raw(
      `update auth.webhooks set former_secret_sealed = secret_sealed, secret_sealed = :secretSealed,
         former_until = now() + make_interval(secs => :overlapSeconds)
       where id = :id`,
      { id, secretSealed, overlapSeconds },
    )
    return rowCount === 1
  },

  async updateDisabled(id: string, disabled: boolean): Promise<boolean> {
    const { rowCount } = await db.raw(
      "update auth.webhooks set disabled_at = case when :disabled then now() end where id = :id",
      { id, disabled },
    )
    return rowCount === 1
  },

  async deleteWebhook(id: string): Promise<boolean> {
    const { rowCount } = await db.raw("delete from auth.webhooks where id = ?", [id])
    return rowCount === 1
  },

  /** Has a webhook told once more of what came after a place in the feed; @returns of how many events */
  async insertReplay(id: string, after: number): Promise<number> {
    const { rowCount } = await db.raw(
      `insert into auth.webhook_deliveries as d (webhook_id, event_id)
       select w.id, e.id from auth.webhooks w join auth.events e on e.type = any(w.event_types)
       where w.id = :id and e.seq > :after
       on conflict (webhook_id, event_id) do update
         set created_at = now(), due_at = now(), tries = 0, refusals = 0, ended_at = null, outcome = null
         where d.ended_at is not null`,
      { id, after },
    )
    await db.raw("select pg_notify('webhooks', '')")
    return rowCount ?? 0
  },
})

const toRecord = (row: WebhookRow): WebhookRecord => ({
  id: row.id,
  url: row.url,
  eventTypes: row.event_types,
  createdAt: row.created_at,
  disabledAt: row.disabled_at ?? undefined,
  pending: row.pending,
  lastAnswer: row.last_answer ?? undefined,
})
