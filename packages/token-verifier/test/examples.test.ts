import assert from "node:assert/strict"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import supertest from "supertest"
import { type JwksServer, startJwks, stopServers } from "./support/setup.js"
import { AUDIENCE, ISSUER, keys, serviceClaims, signToken } from "./support/signer.js"

const HOSTS = { "plain-http": false, express: true, fastify: true }

describe("an example", () => {
  let jwks: JwksServer
  let child: ChildProcess | undefined
  beforeEach(async () => {
    jwks = await startJwks()
  })
  afterEach(() => {
    child?.kill()
    stopServers()
  })

  async function run(name: string) {
    const file = fileURLToPath(new URL(`../examples/${name}.mjs`, import.meta.url))
    child = spawn(process.execPath, [file, ISSUER, AUDIENCE, jwks.url], {
      stdio: ["ignore", "pipe", "inherit"],
    })
    assert.ok(child.stdout)
    const [url] = await once(createInterface(child.stdout), "line")
    return supertest(url)
  }

  for (const [name, hasScopes] of Object.entries(HOSTS)) {
    it(`runs on ${name}`, async () => {
      const http = await run(name)
      const header = (members: object, key = keys.current) =>
        `Bearer ${signToken(serviceClaims(Date.now(), members), {}, key)}`
      const orders = () => http.post("/orders").set("authorization", header({ scope: "orders:write" }))

      const { body } = await http.get("/").set("authorization", header({})).expect(200)
      assert.deepEqual(body, { kind: "service", subject: "backend" })
      const missing = await http
        .get("/")
        .expect(401)
        .expect("content-type", /^application\/problem\+json/)
      assert.equal(missing.headers["www-authenticate"], 'Bearer realm="gatepost"')
      const forged = header({}, { ...keys.attacker, kid: "current" })
      const { text } = await http.get("/").set("authorization", forged).expect(401)
      assert.equal(JSON.parse(text).code, "token_invalid")
      if (!hasScopes) return
      await http.post("/orders").set("authorization", header({})).expect(403)
      await orders().expect(201)
    })
  }
})
