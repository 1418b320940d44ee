import { z } from "zod"
import {
  ActivityQuery,
  ActivityView,
  BatteryParams,
  BatteryView,
  InteractionView,
  RecordBody,
} from "./modules/battery/index.js"

const schemas = Object.fromEntries(
  [BatteryView, RecordBody, InteractionView, ActivityView].map((schema) => [
    schema.meta()?.id,
    jsonSchema(schema),
  ]),
)

const idempotencyKey = {
  name: "Idempotency-Key",
  in: "header",
  description: "A retry with the same key and body gets the first answer, and nothing happens twice.",
  schema: { type: "string", minLength: 16, maxLength: 128 },
}

const BODY_REFUSALS = { 413: "The body is too large", 415: "The body is not JSON in UTF-8" }

/** OpenAPI 3.1: what `/social-battery/openapi.json` serves, and the file of that name beside the README. */
export const openApi = {
  openapi: "3.1.0",
  info: {
    title: "Introgy's social battery",
    version: "0.1.0",
    description:
      "How much company a person can bear today, from 0 to 100. Everybody sees their own battery alone.",
  },
  paths: {
    "/social-battery/{user_id}": {
      get: operation("getSocialBattery", "Read your battery", { 200: BatteryView }),
    },
    "/social-battery/{user_id}/record": {
      post: {
        ...operation("recordInteraction", "Record what cost or gave you energy", {
          201: InteractionView,
          ...BODY_REFUSALS,
          422: "The Idempotency-Key was used with another body",
        }),
        parameters: [...parameters("path", BatteryParams), idempotencyKey],
        requestBody: { required: true, content: json(RecordBody) },
      },
    },
    "/social-battery/{user_id}/activity": {
      get: {
        ...operation("listActivity", "List what you recorded, newest first", { 200: ActivityView }),
        parameters: [...parameters("path", BatteryParams), ...parameters("query", ActivityQuery)],
      },
    },
  },
  components: {
    schemas: {
      ...schemas,
      Refusal: {
        type: "object",
        required: ["error", "detail", "status_code"],
        properties: {
          error: { type: "string" },
          detail: { type: "object", required: ["message"], properties: { message: { type: "string" } } },
          status_code: { type: "integer" },
        },
      },
    },
    securitySchemes: {
      accessToken: {
        type: "http",
        scheme: "bearer",
        bearerFormat: "JWT",
        description: "With the scope `account`",
      },
    },
  },
}

/** @param answers a schema for what was asked for, the reason for a refusal; those that all calls have are added */
function operation(operationId: string, summary: string, answers: Record<number, z.ZodType | string>) {
  const all = {
    400: "The request is malformed or invalid",
    401: "There is no token, or not a good one",
    403: "The battery is somebody else's, or the token lacks the scope `account`",
    503: "The service can't answer right now; see Retry-After",
    ...answers,
  }
  const responses = Object.entries(all).map(([status, answer]) => [
    status,
    typeof answer === "string"
      ? { description: answer, content: reference("Refusal") }
      : { description: "Done", content: json(answer) },
  ])
  return {
    operationId,
    summary,
    tags: ["Social battery"],
    security: [{ accessToken: [] }],
    parameters: parameters("path", BatteryParams),
    responses: Object.fromEntries(responses),
  }
}

function parameters(where: "path" | "query", schema: z.ZodObject) {
  const { properties = {} } = jsonSchema(schema) as { properties?: Record<string, object> }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === "path",
    schema: property,
  }))
}

function json(schema: z.ZodType) {
  return reference(String(schema.meta()?.id))
}

function reference(name: string) {
  return { "application/json": { schema: { $ref: `#/components/schemas/${name}` } } }
}

function jsonSchema(schema: z.ZodType): object {
  const { $schema, id, $defs, ...rest } = z.toJSONSchema(schema, {
    io: "input",
    // Members may be added one day; that must not break a strict client.
    override: ({ jsonSchema }) => void delete jsonSchema.additionalProperties,
  }) as Record<string, unknown>
  return JSON.parse(JSON.stringify(rest).replaceAll("#/$defs/", "#/components/schemas/"))
}
