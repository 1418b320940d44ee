import assert from "node:assert/strict"
import { createLogger } from "@gatepost/runtime"

function logged(write: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const lines: string[] = []
  const logger = createLogger("tests", "info", { write: (line: string) => void lines.push(line) })
  write(logger)
  for (const line of lines) assert.equal(line.match(/\n/g)?.length, 1)
  return lines.map((line) => JSON.parse(line))
}

// check 118, check 119
describe("the logger", () => {
  it("hides what is secret by its name, at every depth there is in our code", () => {
    const secrets = {
      password: "s3",
      refresh_token: "s3",
      authorization: "s3",
      otp: "s3",
      client_secret: "s3",
    }
    const [line] = logged((logger) =>
      logger.info({ ...secrets, body: secrets, req: { headers: secrets } }, "x"),
    )
    assert.ok(!JSON.stringify(line).includes("s3"))
    assert.ok(JSON.stringify(line).includes('"password":"[redacted]"'))
  })

  it("writes one line of JSON, whatever a text tries", () => {
    const [line] = logged((logger) => logger.info({ name: 'x\n{"level":"fatal"}\u2028' }, "a\r\nb"))
    assert.deepEqual(
      [line?.service, line?.name, line?.msg],
      ["tests", 'x\n{"level":"fatal"}\u2028', "a\r\nb"],
    )
    assert.match(String(line?.time), /^\d{4}-\d\d-\d\dT.*Z$/)
  })

  // PostgreSQL's own words about a failed statement have the whole row in them.
  it("writes no row of a failed statement", () => {
    const detail = "Failing row contains (kim@x.io, $argon2id$v=19$...)"
    const error = Object.assign(new Error("a check failed"), { code: "23514", detail, where: detail })
    const lines = logged((logger) => {
      logger.error({ err: error }, "unexpected error")
      logger.error({ err: new Error("outer", { cause: error }) }, "unexpected error")
    })
    for (const line of lines) {
      assert.ok(JSON.stringify(line).includes("a check failed"))
      assert.ok(!JSON.stringify(line).includes("argon2id"))
    }
  })
})
