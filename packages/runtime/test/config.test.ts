import assert from "node:assert/strict"
import { inspect } from "node:util"
import { ConfigError, describeSettings, loadConfig, Secret, setting } from "@gatepost/runtime"
import { z } from "zod"

const Schema = z.object({
  PORT: setting.port().default(8000).meta({ description: "Port" }),
  NAME: z.string().optional(),
  API_SECRET: setting.secret().meta({ description: "Signs things" }),
})
const API_SECRET = "a-sound-secret-0123456789-abcdefgh"

const messageOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.message
  }
  return "none"
}

describe("the settings of a program", () => {
  it("are read from an environment, where an empty variable is none", () => {
    const config = loadConfig(Schema, { PORT: "", NAME: "", API_SECRET, OTHER: "ignored" })
    assert.deepEqual([config.PORT, config.NAME, "OTHER" in config], [8000, undefined, false])
    assert.throws(() => Object.assign(config, { PORT: 1 }), TypeError)
  })

  // check 119
  it("are named all at once when they are wrong, without their values", () => {
    const message = messageOf(() => loadConfig(Schema, { PORT: "s3cret-port", API_SECRET: "s3cret" }))
    assert.match(message, /^PORT must be a whole number$/m)
    assert.match(message, /^API_SECRET must have at least 32 characters$/m)
    assert.doesNotMatch(message, /s3cret/)
    const missing = messageOf(() => loadConfig(Schema, {}))
    assert.equal(missing, "API_SECRET is needed: Signs things")
  })

  it("are held against production only where NODE_ENV says so", () => {
    const load = (NODE_ENV?: string) =>
      loadConfig(Schema, { API_SECRET, NODE_ENV }, ({ PORT }) => [`PORT ${PORT} is not for production`])
    assert.equal(
      messageOf(() => load("production")),
      "PORT 8000 is not for production",
    )
    for (const other of [undefined, "development", "test", "Production"])
      assert.doesNotThrow(() => load(other))
  })

  it("hide a secret however it is shown, and reveal it when asked", () => {
    const config = loadConfig(Schema, { API_SECRET })
    const secret = config.API_SECRET
    const shown = [
      String(secret),
      `${secret}`,
      JSON.stringify(config),
      inspect(config, { depth: 9, showHidden: true }),
      inspect(secret),
      Object.values({ ...secret }).join(),
      String(secret.valueOf()),
    ]
    for (const text of shown) assert.ok(!text.includes("a-sound"), text)
    assert.equal(secret.reveal(), API_SECRET)
    assert.ok(secret instanceof Secret)
  })

  it("are listed with their defaults for the documentation", () => {
    assert.deepEqual(describeSettings(Schema), [
      { name: "PORT", description: "Port", default: "8000", required: false },
      { name: "NAME", description: "", default: undefined, required: false },
      { name: "API_SECRET", description: "Signs things", default: undefined, required: true },
    ])
  })
})

describe("a setting", () => {
  const takes = (type: z.ZodType, values: Record<string, unknown>) => {
    for (const [given, expected] of Object.entries(values))
      assert.deepEqual(type.parse(given), expected, given)
  }
  const refuses = (type: z.ZodType, values: string[]) => {
    for (const given of values) assert.equal(type.safeParse(given).success, false, given)
  }

  it("that is a number has bounds, and is written as one", () => {
    takes(setting.integer(1, 20), { "1": 1, "20": 20, "007": 7 })
    refuses(setting.integer(1, 20), [
      "0",
      "21",
      "-1",
      "1.5",
      "1e1",
      "0x1",
      " 1",
      "one",
      "99999999999999999999",
    ])
    refuses(setting.port(), ["65536", "http"])
  })

  it("that is a flag is on or off in the usual words", () => {
    takes(setting.flag(), { on: true, true: true, "1": true, off: false, false: false, "0": false })
    refuses(setting.flag(), ["maybe", "2"])
  })

  it("that is an origin has no path, and is kept without a slash", () => {
    takes(setting.origin(), {
      "http://localhost:8000/": "http://localhost:8000",
      "https://ID.example.com": "https://id.example.com",
    })
    refuses(setting.origin(), [
      "https://x.io/path",
      "ftp://x.io",
      "x.io",
      "https://",
      "https://x.io?a=1",
      "https://x.io#a",
      "https://u:p@x.io",
    ])
  })

  it("that is a list has commas or is JSON", () => {
    takes(setting.list(), { "a, b,,c ": ["a", "b", "c"], '["a","b"]': ["a", "b"], "[]": [] })
    refuses(setting.list(), ["[1]", "[", '["a"', "[null]"])
  })

  // check 120
  it("that is a secret is long, and not one character again and again", () => {
    refuses(setting.secret(), ["secret", "a".repeat(64), "changemechangemechangemechangeme", "x".repeat(31)])
    assert.equal(setting.secret().parse(API_SECRET).reveal(), API_SECRET)
  })
})
