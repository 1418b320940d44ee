import type { Schema } from "./target.js"

export interface MemberSchema {
  type: string
  /** Whether it may be null as well. */
  nullable: boolean
}

export interface ObjectSchema {
  properties: Record<string, MemberSchema>
  required: string[]
}

interface Node {
  $ref?: string
  properties?: Record<string, Node>
  required?: string[]
  type?: string
  anyOf?: Node[]
}

/** The members of an object schema, references followed. */
export function schemaOf(schema: Schema | undefined): ObjectSchema {
  const root = (schema?.toJSONSchema({ io: "input" }) ?? {}) as Node & { $defs?: Record<string, Node> }
  const follow = (node: Node): Node =>
    node.$ref ? (root.$defs?.[node.$ref.split("/").at(-1) ?? ""] ?? {}) : node
  const { properties = {}, required = [] } = follow(root)
  return { properties: mapValues(properties, (node) => memberOf(follow(node))), required }
}

function memberOf({ type = "unknown", anyOf = [] }: Node): MemberSchema {
  const [only, ...others] = anyOf.filter((node) => node.type !== "null")
  const nullable = anyOf.some((node) => node.type === "null")
  return { type: only && others.length === 0 ? (only.type ?? type) : type, nullable }
}

/** Whether a value is of the member's type, whatever else its schema asks for. */
export function isOfType(value: unknown, { type, nullable }: MemberSchema): boolean {
  if (value === null) return nullable
  if (type === "array") return Array.isArray(value)
  if (type === "boolean") return typeof value === "boolean"
  if (type === "integer") return Number.isInteger(value)
  return type === "object" && typeof value === "object" && !Array.isArray(value)
}

export const mapValues = <From, To>(
  values: Record<string, From>,
  change: (value: From) => To,
): Record<string, To> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]))
