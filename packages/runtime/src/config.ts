import { inspect } from "node:util"
import type { z } from "zod"

/** What is wrong with the environment, one line a fault, each naming its variable. */
export class ConfigError extends Error {
  override readonly name = "ConfigError"
}

/** A value that can't be printed by accident: every way of showing it gives `[redacted]`. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return "[redacted]"
  }

  toJSON(): string {
    return "[redacted]"
  }

  [inspect.custom](): string {
    return "[redacted]"
  }
}

/**
 * Reads settings from an environment. An empty variable counts as absent.
 *
 * @param schema an object whose keys are the variables' names
 * @param refusedInProduction what is wrong with sound settings once NODE_ENV is `production`, a line each;
 *   the only place where NODE_ENV is read (DESIGN.md D2)
 * @returns the frozen settings
 * @throws ConfigError naming every faulty variable at once
 */
export function loadConfig<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: Record<string, string | undefined>,
  refusedInProduction: (config: z.infer<z.ZodObject<Shape>>) => string[] = () => [],
): Readonly<z.infer<z.ZodObject<Shape>>> {
  const given = Object.keys(schema.shape).flatMap((name) => (env[name] ? [[name, env[name]]] : []))
  const result = schema.safeParse(Object.fromEntries(given))
  if (result.success) {
    const refused = env.NODE_ENV === "production" ? refusedInProduction(result.data) : []
    if (refused.length > 0) throw new ConfigError(refused.join("\n"))
    return Object.freeze(result.data)
  }

  const faults = result.error.issues.map((issue) => {
    const name = String(issue.path[0] ?? "settings")
    return env[name] ? `${name} ${issue.message}` : `${name} is needed: ${describe(schema.shape[name])}`
  })
  throw new ConfigError(faults.join("\n"))
}

/** One setting as the generated pages show it. */
export interface SettingDescription {
  name: string
  description: string
  default: string | undefined
  required: boolean
}

/** Lists a schema's settings for `docs/configuration.md` and `.env.example`. */
export function describeSettings(schema: z.ZodObject): SettingDescription[] {
  return Object.entries(schema.shape).map(([name, type]) => {
    const absent = (type as z.ZodType).safeParse(undefined)
    const meta = (type as z.ZodType).meta() as { description?: string; example?: string } | undefined
    return {
      name,
      description: meta?.description ?? "",
      default: meta?.example ?? (absent.success ? show(absent.data) : undefined),
      required: !absent.success,
    }
  })
}

function describe(type: unknown): string {
  return (type as z.ZodType | undefined)?.meta()?.description ?? "no value given"
}

function show(value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (typeof value === "boolean") return value ? "on" : "off"
  return Array.isArray(value) ? value.join(",") : String(value)
}
