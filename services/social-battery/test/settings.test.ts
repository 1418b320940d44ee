import assert from "node:assert/strict"
import { ConfigError, readConfig } from "#src/config.js"

const SOUND = {
  NODE_ENV: "production",
  PUBLIC_URL: "https://id.example.com",
  DATABASE_URL: "postgres://n:a-password@db.example.com/gatepost",
}

describe("the settings of the social battery", () => {
  it("are taken when they are sound, with defaults for all that is left out or empty", () => {
    const { PORT, CORS_ORIGINS, SERVICE_CLIENT_SECRET, LOG_LEVEL } = readConfig({ ...SOUND, PORT: "" })
    assert.deepEqual([PORT, CORS_ORIGINS, SERVICE_CLIENT_SECRET, LOG_LEVEL], [8003, [], undefined, "info"])
    assert.equal(readConfig({ ...SOUND, PUBLIC_URL: "https://id.example.com/" }).PUBLIC_URL, SOUND.PUBLIC_URL)
  })

  it("take origins by commas or as JSON", () => {
    const origins = ["https://a.example", "http://localhost:3000"]
    for (const CORS_ORIGINS of [origins.join(" , "), JSON.stringify(origins)])
      assert.deepEqual(readConfig({ ...SOUND, CORS_ORIGINS }).CORS_ORIGINS, origins)
  })

  // check 1
  it("must have an https PUBLIC_URL in production", () => {
    const env = { ...SOUND, PUBLIC_URL: "http://id.example.com" }
    assert.throws(() => readConfig(env), /^ConfigError: PUBLIC_URL must start with https:\/\//)
    assert.doesNotThrow(() => readConfig({ ...env, NODE_ENV: undefined }))
  })

  it("are refused all at once, each by its name and never by its value", () => {
    const wrong = {
      PORT: "70000",
      METRICS_PORT: "-1",
      DB_POOL_SIZE: "0",
      JWKS_URL: "ftp://canary",
      PUBLIC_URL: "https://id.example.com/path",
      CORS_ORIGINS: "[canary",
      LOG_LEVEL: "canary",
      SERVICE_CLIENT_SECRET: "canary",
      SHUTDOWN_DRAIN_SECONDS: "canary",
    }
    assert.throws(
      () => readConfig(wrong),
      (error) => {
        assert.ok(error instanceof ConfigError)
        const lines = error.message.split("\n")
        const named = lines.map((line) => line.split(" ")[0])
        assert.deepEqual(named.sort(), [...Object.keys(wrong), "DATABASE_URL"].sort())
        assert.ok(lines.includes("DATABASE_URL is needed"))
        assert.doesNotMatch(error.message, /canary/)
        return true
      },
    )
  })
})
