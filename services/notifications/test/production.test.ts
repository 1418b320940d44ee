import assert from "node:assert/strict"
import { ConfigError } from "@gatepost/runtime"
import { readConfig } from "#src/config.js"
import { IDEMPOTENCY_SECRET } from "./support/settings.js"

const SOUND = {
  NODE_ENV: "production",
  PUBLIC_URL: "https://id.example.com",
  DATABASE_URL: "postgres://n:a-password@db.example.com/gatepost",
  IDEMPOTENCY_SECRET,
}

// check 1, check 120
describe("the settings of the notifications API", () => {
  it("are taken when they are sound, and nobody prints a secret by accident", () => {
    const config = readConfig(SOUND)
    assert.equal(config.PUBLIC_URL, "https://id.example.com")
    assert.ok(!JSON.stringify(config).includes(IDEMPOTENCY_SECRET))
  })

  it("must have an https PUBLIC_URL in production", () => {
    const env = { ...SOUND, PUBLIC_URL: "http://id.example.com" }
    assert.throws(() => readConfig(env), /^ConfigError: PUBLIC_URL must start with https:\/\//)
    assert.doesNotThrow(() => readConfig({ ...env, NODE_ENV: undefined }))
  })

  it("are refused all at once, each by its name", () => {
    const wrong = { PUBLIC_URL: "https://id.example.com/path", JWKS_URL: "ftp://x", DB_POOL_SIZE: "0" }
    assert.throws(
      () => readConfig(wrong),
      (error) => {
        assert.ok(error instanceof ConfigError)
        for (const name of [...Object.keys(wrong), "DATABASE_URL", "IDEMPOTENCY_SECRET"]) {
          assert.match(error.message, new RegExp(`^${name} `, "m"))
        }
        return true
      },
    )
  })
})
