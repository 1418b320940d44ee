import { z } from "zod"

type Schema = z.core.JSONSchema.JSONSchema

/** The names of the members that a body takes; those that may be left out with a `?`. */
export function membersOf(schema: z.ZodType | undefined): string[] {
  if (!schema) return []
  const { properties = {}, required = [] } = resolve(z.toJSONSchema(schema, { io: "input" }))
  return Object.keys(properties).map((name) => (required.includes(name) ? name : `${name}?`))
}

/** Where an answer has whatever it has. */
export const SOMETHING = "…"

/** An answer of that shape, with the values that are always the same. */
export function sampleOf(schema: z.ZodType): Record<string, unknown> {
  const root = z.toJSONSchema(schema, { io: "output" })
  return sample(root, root) as Record<string, unknown>
}

function sample(schema: Schema, root: Schema): unknown {
  const { properties, const: fixed } = resolve(schema, root)
  if (!properties) return fixed ?? SOMETHING
  return Object.fromEntries(
    Object.entries(properties).map(([name, inner]) => [name, sample(inner as Schema, root)]),
  )
}

function resolve(schema: Schema, { $defs = {} }: Schema = schema): Schema {
  const name = schema.$ref?.split("/").at(-1)
  return name === undefined ? schema : ($defs[name] as Schema)
}
