import assert from "node:assert/strict"
import { ConfigError } from "@gatepost/runtime"
import { readConfig } from "#src/config.js"
import { runChild } from "./support/child.js"
import { SECRETS } from "./support/setup.js"

const SOUND = {
  ...SECRETS,
  NODE_ENV: "production",
  PUBLIC_URL: "https://id.example.com",
  DATABASE_URL: "postgres://auth:a-password@db.example.com/gatepost",
  APPS_FILE: "/etc/gatepost/apps.json",
}

const refusal = (env: Record<string, string | undefined>) => {
  try {
    readConfig(env)
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.message
  }
  return "none"
}

// check 1, check 120, DESIGN.md D2
describe("production", () => {
  it("starts with settings that are sound", () => {
    assert.equal(refusal(SOUND), "none")
  })

  for (const [what, env, named] of [
    ["an http PUBLIC_URL", { PUBLIC_URL: "http://id.example.com" }, /^PUBLIC_URL /m],
    ["limits that are off", { RATE_LIMITS: "off" }, /^RATE_LIMITS /m],
    ["loopback as a target", { EGRESS_ALLOW: "loopback" }, /^EGRESS_ALLOW /m],
    ["cheap hashes", { ARGON2_MEMORY_KIB: "8192" }, /^ARGON2_MEMORY_KIB /m],
    ["hashes of one pass", { ARGON2_PASSES: "1" }, /ARGON2_PASSES/],
    ["the example apps", { APPS_FILE: undefined }, /^APPS_FILE /m],
    ["two equal secrets", { COOKIE_SECRET: SECRETS.MAIL_ENCRYPTION_SECRET }, /_SECRET must differ/],
  ] as const) {
    it(`refuses ${what}, which are fine elsewhere`, () => {
      assert.match(refusal({ ...SOUND, ...env }), named)
      assert.equal(refusal({ ...SOUND, ...env, NODE_ENV: undefined }), "none")
    })
  }

  it("and every other place refuse secrets that are missing, short or no secret at all", () => {
    for (const NODE_ENV of ["production", undefined]) {
      for (const name of Object.keys(SECRETS)) {
        for (const value of [
          undefined,
          "",
          "secret",
          "fifteen-letters",
          "x".repeat(40),
          "changeme".repeat(4),
        ]) {
          assert.match(refusal({ ...SOUND, NODE_ENV, [name]: value }), new RegExp(`^${name} `, "m"), value)
        }
      }
    }
  })

  it("exits with 1 and every reason at once, and prints no secret", async () => {
    const { code, output } = await runChild({
      ...SOUND,
      PUBLIC_URL: "http://id.example.com",
      RATE_LIMITS: "off",
      COOKIE_SECRET: SECRETS.MAIL_ENCRYPTION_SECRET,
    })
    assert.equal(code, 1)
    for (const name of ["PUBLIC_URL", "RATE_LIMITS", "COOKIE_SECRET"])
      assert.match(output, new RegExp(`^${name} `, "m"))
    for (const secret of [...Object.values(SECRETS), "a-password"]) assert.ok(!output.includes(secret))
    assert.doesNotMatch(output, /^ {4}at /m)
  })

  it("names every faulty setting at once, with no value", async () => {
    const { code, output } = await runChild({
      PORT: "http",
      ACCESS_TOKEN_TTL: "an hour",
      DATABASE_URL: "mysql://u:pw@h/d",
    })
    assert.equal(code, 1)
    for (const name of ["PORT", "ACCESS_TOKEN_TTL", "DATABASE_URL", "PUBLIC_URL", ...Object.keys(SECRETS)]) {
      assert.match(output, new RegExp(`^${name} `, "m"))
    }
    assert.doesNotMatch(output, /mysql:\/\/u:pw/)
  })

  it("says which setting is wrong when the database is not migrated or not there", async () => {
    const { code, output } = await runChild({
      ...SOUND,
      NODE_ENV: "",
      APPS_FILE: "",
      DATABASE_URL: "postgres://auth:a-password@127.0.0.1:1/gatepost",
    })
    assert.equal(code, 1)
    assert.match(output, /DATABASE_URL|ECONNREFUSED/)
    assert.doesNotMatch(output, /a-password/)
  })
})
