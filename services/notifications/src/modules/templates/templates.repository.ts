import type { Db } from "@gatepost/postgres"
import type { Template } from "./templates.types.js"

const COLUMNS = "name, title, body, created_at, updated_at"

interface TemplateRow {
  name: string
  title: string
  body: string
  created_at: Date
  updated_at: Date
}

export const templatesRepository = (db: Db) => ({
  async upsertTemplate(
    sender: string,
    template: Pick<Template, "name" | "title" | "body">,
  ): Promise<Template> {
    const { rows } = await db.raw(
      `insert into notifications.templates (sender, name, title, body) values (:sender, :name, :title, :body)
       on conflict (sender, name) do update
         set title = excluded.title, body = excluded.body, updated_at = now()
       returning ${COLUMNS}`,
      { sender, ...template },
    )
    return toTemplate(rows[0])
  },

  /** Of several at once each sees those before it. */
  async lockTemplates(sender: string): Promise<void> {
    await db.raw("select pg_advisory_xact_lock(hashtext('notifications.templates ' || ?))", [sender])
  },

  async findTemplate(sender: string, name: string): Promise<Template | undefined> {
    const { rows } = await db.raw(
      `select ${COLUMNS} from notifications.templates where sender = :sender and name = :name`,
      { sender, name },
    )
    return rows[0] && toTemplate(rows[0])
  },

  async listTemplates(sender: string, limit: number): Promise<Template[]> {
    const { rows } = await db.raw(
      `select ${COLUMNS} from notifications.templates where sender = :sender order by name limit :limit`,
      { sender, limit },
    )
    return rows.map(toTemplate)
  },

  async deleteTemplate(sender: string, name: string): Promise<boolean> {
    const { rowCount } = await db.raw(
      "delete from notifications.templates where sender = :sender and name = :name",
      { sender, name },
    )
    return rowCount === 1
  },
})

const toTemplate = (row: TemplateRow): Template => ({
  name: row.name,
  title: row.title,
  body: row.body,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})
