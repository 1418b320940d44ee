import { z } from "zod"
import type { Template } from "./templates.types.js"

const text = (max: number) => z.string().trim().min(1, "must not be empty").max(max)

const name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "must be a short lower-case name")

export const TemplateParams = z.object({ name })

export const TemplateBody = z
  .object({
    title: text(200).meta({ description: "With variables as `{{name}}`" }),
    body: text(2_000).meta({ description: "With variables as `{{name}}`" }),
  })
  .meta({ id: "TemplateTexts" })

export const TemplateView = z
  .object({
    name,
    title: z.string(),
    body: z.string(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: "Template" })

export const TemplateList = z
  .object({ items: z.array(TemplateView), next_cursor: z.null() })
  .meta({ id: "TemplateList" })

export const toTemplateView = (template: Template): z.input<typeof TemplateView> => ({
  name: template.name,
  title: template.title,
  body: template.body,
  created_at: template.createdAt.toISOString(),
  updated_at: template.updatedAt.toISOString(),
})
