import type { Schema } from "./target.js"

export interface ObjectSchema {
  properties: Record<string, { type?: string }>
  required: string[]
}

/** The members of an object schema, references followed. */
export function schemaOf(schema: Schema | undefined): ObjectSchema {
  type Node = { $ref?: string; properties?: Record<string, Node>; required?: string[]; type?: string }
  const root = (schema?.toJSONSchema({ io: "input" }) ?? {}) as Node & { $defs?: Record<string, Node> }
  const follow = (node: Node): Node =>
    node.$ref ? (root.$defs?.[node.$ref.split("/").at(-1) ?? ""] ?? {}) : node
  const { properties = {}, required = [] } = follow(root)
  return { properties: mapValues(properties, (node) => ({ type: follow(node).type ?? "unknown" })), required }
}

export const mapValues = <From, To>(
  values: Record<string, From>,
  change: (value: From) => To,
): Record<string, To> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]))
