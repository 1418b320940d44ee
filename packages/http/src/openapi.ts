import { scopes } from "@gatepost/contracts"
import { z } from "zod"
import { catalogue } from "./problems/index.js"
import { type AnyRoute, sharedProblems } from "./route.js"

type Json = Record<string, unknown>

export interface DocumentInfo {
  title: string
  version: string
  description: string
}

/** The OpenAPI 3.1 document of the canonical dialect; the others have the same calls under their prefix. */
export function openApiDocument(info: DocumentInfo, routes: readonly AnyRoute[]): Json {
  const schemas: Json = { Problem: problemSchema }
  const paths: Record<string, Json> = {}
  for (const route of routes) {
    const path = `/v1${route.path}`
    paths[path] = { ...paths[path], [route.method]: operation(route, schemas) }
  }
  return {
    openapi: "3.1.0",
    info,
    paths,
    components: { schemas, securitySchemes },
  }
}

const securitySchemes = {
  accessToken: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "A person's access token",
  },
  service: {
    type: "oauth2",
    flows: { clientCredentials: { tokenUrl: "/oidc/token", scopes: { ...scopes } } },
  },
}

const problemSchema = {
  type: "object",
  description: "RFC 9457",
  required: ["type", "title", "status", "code"],
  properties: {
    type: { type: "string", format: "uri" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    instance: { type: "string" },
    code: { type: "string", enum: Object.keys(catalogue) },
    errors: {
      type: "array",
      items: {
        type: "object",
        required: ["pointer", "message"],
        properties: { pointer: { type: "string" }, message: { type: "string" } },
      },
    },
  },
}

function operation(route: AnyRoute, schemas: Json): Json {
  return {
    operationId: operationId(route),
    summary: route.summary,
    tags: [route.tag],
    ...security(route),
    parameters: [
      ...parameters("path", route.params),
      ...parameters("query", route.query),
      ...(route.idempotent ? [idempotencyKey] : []),
      ...(route.revalidated ? [ifNoneMatch] : []),
    ],
    ...(route.body && {
      requestBody: { required: !route.isBodyOptional, content: json(schemaOf(route.body, "input", schemas)) },
    }),
    responses: {
      [route.success.status]: {
        description: "Done",
        ...(route.revalidated && { headers: { ETag: { schema: { type: "string" } } } }),
        content: json(schemaOf(route.success.body, "output", schemas)),
      },
      ...(route.revalidated && { 304: { description: "What you have, by its `ETag`, is as it is" } }),
      ...problemResponses(route),
    },
  }
}

function security(route: AnyRoute): Json {
  if (route.access === "public") return { security: [] }
  if ("user" in route.access) return { security: [{ accessToken: [route.access.user] }] }
  if ("service" in route.access) return { security: [{ service: [route.access.service] }] }
  const scopes = [route.access.userOrService]
  return { security: [{ accessToken: scopes }, { service: scopes }] }
}

const idempotencyKey = {
  name: "Idempotency-Key",
  in: "header",
  description: "A retry with the same key and body gets the first answer, and nothing happens twice.",
  schema: { type: "string", minLength: 16, maxLength: 128 },
}

const ifNoneMatch = {
  name: "If-None-Match",
  in: "header",
  description: "The `ETag` of the answer you have: where nothing changed, 304 comes instead of it.",
  schema: { type: "string" },
}

function problemResponses(route: AnyRoute): Json {
  const codes = [...new Set([...sharedProblems(route), ...route.problems])]
  const statuses = [...new Set(codes.map((code) => catalogue[code].status))].sort()
  const responses = statuses.map((status) => {
    const group = codes.filter((code) => catalogue[code].status === status)
    const description = group.map((code) => `\`${code}\`: ${catalogue[code].title}`).join("\n\n")
    const content = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } }
    return [status, { description, content }]
  })
  return Object.fromEntries(responses)
}

function parameters(where: "path" | "query", schema: z.ZodType | undefined): Json[] {
  if (!schema) return []
  const { properties = {}, required = [] } = toJsonSchema(schema, "input") as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === "path" || required.includes(name),
    schema: property,
  }))
}

function schemaOf(schema: z.ZodType, io: "input" | "output", schemas: Json): Json {
  const { $defs, ...own } = toJsonSchema(schema, io)
  const rewritten = JSON.parse(JSON.stringify({ $defs, own }).replaceAll("#/$defs/", "#/components/schemas/"))
  Object.assign(schemas, rewritten.$defs)
  const id = schema.meta()?.id
  if (!id || rewritten.own.$ref) return rewritten.own
  schemas[id] = rewritten.own
  return { $ref: `#/components/schemas/${id}` }
}

function toJsonSchema(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema, id, ...rest } = z.toJSONSchema(schema, {
    io,
    // Additive changes must not break a strict client.
    override: ({ jsonSchema }) => {
      delete jsonSchema.additionalProperties
      delete jsonSchema.id
    },
  }) as Json
  return rest
}

const json = (schema: Json) => ({ "application/json": { schema } })

function operationId(route: AnyRoute): string {
  const words = route.path.split(/[^a-zA-Z]+/).filter(Boolean)
  return route.method + words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join("")
}
