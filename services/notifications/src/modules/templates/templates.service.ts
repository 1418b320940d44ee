import { Problem } from "@gatepost/http"
import type { Database, Db } from "@gatepost/postgres"
import { fillIn, variablesOf } from "./placeholders.js"
import { templatesRepository } from "./templates.repository.js"
import type { Template, Variables } from "./templates.types.js"

export type TemplatesService = ReturnType<typeof createTemplatesService>

// All that a sender keeps is one answer.
const MAX_TEMPLATES = 200
const MAX_LENGTHS = { title: 200, body: 2_000 }

/** Texts that senders keep; each sees its own. */
export const createTemplatesService = ({ database }: { database: Database }) => ({
  /** Keeps a text under its name, in the place of an earlier one. @throws Problem `template.too-many` */
  keep: (sender: string, template: Pick<Template, "name" | "title" | "body">): Promise<Template> =>
    database.transaction(async (trx) => {
      const repository = templatesRepository(trx)
      await repository.lockTemplates(sender)
      const kept = await repository.listTemplates(sender, MAX_TEMPLATES)
      const isNew = kept.every(({ name }) => name !== template.name)
      if (isNew && kept.length === MAX_TEMPLATES) throw new Problem("template.too-many")

      return repository.upsertTemplate(sender, template)
    }),

  list: (sender: string): Promise<Template[]> =>
    templatesRepository(database.db).listTemplates(sender, MAX_TEMPLATES),

  /** @throws Problem `template.not-found` */
  async remove(sender: string, name: string): Promise<void> {
    if (!(await templatesRepository(database.db).deleteTemplate(sender, name))) {
      throw new Problem("template.not-found")
    }
  },

  /**
   * Title and body of a template with its variables filled in.
   *
   * @throws Problem `request.invalid`: no such template, a variable missing, or too long a text
   */
  async render(trx: Db, sender: string, name: string, variables: Variables) {
    const template = await templatesRepository(trx).findTemplate(sender, name)
    if (!template) throw invalid("/template", "must be the name of a template of yours")

    const missing = variablesOf(template).filter((variable) => !Object.hasOwn(variables, variable))
    if (missing.length > 0) throw invalid("/variables", `must have ${missing.join(", ")}`)
    const texts = { title: fillIn(template.title, variables), body: fillIn(template.body, variables) }
    for (const [part, limit] of Object.entries(MAX_LENGTHS)) {
      const { length } = texts[part as "title" | "body"]
      if (length > limit) throw invalid("/variables", `make the ${part} longer than ${limit} characters`)
    }
    return texts
  },
})

const invalid = (pointer: string, message: string) =>
  new Problem("request.invalid", { errors: [{ pointer, message }] })
