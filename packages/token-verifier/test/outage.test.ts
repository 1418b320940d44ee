import assert from "node:assert/strict"
import type { RequestListener } from "node:http"
import { hang, listen, type Setup, setup, stopServers } from "./support/setup.js"
import { createEcKey, createSigningKey, keys } from "./support/signer.js"

const HOUR = 3600
const weak = createSigningKey("weak", 1024)

describe("a key server in trouble", () => {
  afterEach(stopServers)

  let api: Setup
  let failures: Error[]
  beforeEach(async () => {
    failures = []
    api = await setup({ timeoutSeconds: 0.2, onKeysError: (error) => void failures.push(error) })
  })

  it("leaves known keys in use for a day, and then 503", async () => {
    // check 81
    await api.get(api.userToken()).expect(200)
    api.jwks.answer = (request) => request.socket.destroy()
    for (let hours = 0; hours < 24; hours += 4) {
      await api.get(api.userToken()).expect(200)
      api.clock.advance(4 * HOUR)
    }
    await api.get(api.userToken()).expect(200)
    assert.equal(await api.verifier.ready(), true)
    api.clock.advance(301)
    const { status, body } = await api.get(api.userToken())
    assert.deepEqual([status, body.code], [503, "keys_unavailable"])
    assert.equal(await api.verifier.ready(), false)
    assert.ok(failures.length > 1)
  })

  it("is asked once, however many wait for it", async () => {
    // check 81
    const tokens = Array.from({ length: 50 }, () => api.userToken())
    await Promise.all(tokens.map((token) => api.verifier.verify(token)))
    assert.equal(api.jwks.fetches, 1)
  })

  it("cannot replace, withdraw or delay keys with an answer that is no key set", async () => {
    // check 81
    let hits = 0
    const internal = await listen((_, response) => {
      hits += 1
      response.end(JSON.stringify({ keys: [keys.attacker.jwk] }))
    })
    const stolen = JSON.stringify({ keys: [keys.attacker.jwk] })
    const answers: Record<string, RequestListener> = {
      "hangs before the header": () => {},
      "hangs in the body": (_, response) => void response.write('{"keys":['),
      dribbles: (_, response) => {
        const timer = setInterval(() => response.write(" "), 20)
        response.on("close", () => clearInterval(timer))
      },
      HTML: (_, response) => void response.setHeader("content-type", "text/html").end("<html></html>"),
      "weak keys only": (_, response) => void response.end(JSON.stringify({ keys: [weak.jwk] })),
      "no keys": (_, response) => void response.end('{"keys":[]}'),
      "keys of a wrong type": (_, response) => void response.end('{"keys":{"length":1}}'),
      null: (_, response) => void response.end("null"),
      "302": (_, response) => void response.writeHead(302, { location: `${internal}/keys` }).end(),
      "500 with keys": (_, response) => void response.writeHead(500).end(stolen),
      "201 with keys": (_, response) => void response.writeHead(201).end(stolen),
      "64 KiB and a byte": (_, response) => void response.end(stolen.padEnd(65_537)),
    }
    await api.get(api.userToken()).expect(200)
    for (const [name, answer] of Object.entries(answers)) {
      const { fetches } = api.jwks
      api.jwks.answer = answer
      api.clock.advance(HOUR)
      await api.get(api.userToken()).expect(200)
      api.clock.advance(31)
      const attack = await api.get(api.userToken({}, {}, keys.attacker))
      assert.equal(attack.status, 503, name)
      assert.ok(api.jwks.fetches - fetches >= 1 && api.jwks.fetches - fetches <= 2, name)
    }
    assert.equal(hits, 0)
    assert.ok(failures.length >= Object.keys(answers).length)
  })

  it("cannot fill the memory with an endless answer", async () => {
    // check 81
    let sent = 0
    let closed: () => void
    const ended = new Promise<void>((resolve) => {
      closed = resolve
    })
    api.jwks.answer = (_, response) => {
      const chunk = Buffer.alloc(65_536, " ")
      const pump = () => {
        while (sent < 2 ** 30 && !response.destroyed) {
          sent += chunk.length
          if (!response.write(chunk)) return void response.once("drain", pump)
        }
      }
      response.on("close", closed)
      pump()
    }
    await api.get(api.userToken()).expect(503)
    await ended
    assert.ok(sent < 2 ** 25, `${sent} bytes were taken`) // what the sockets' buffers hold
  })

  it("is left alone after an error, however long its page", async () => {
    // check 81
    const closed = new Promise<void>((resolve) => {
      api.jwks.answer = (_, response) => void response.on("close", resolve).writeHead(500).write("...")
    })
    await api.get(api.userToken()).expect(503)
    await closed
  })

  it("at the start means not ready and 503, which heals without a restart", async () => {
    // check 82
    api.jwks.answer = (request) => request.socket.destroy()
    const token = api.userToken()
    assert.equal(await api.verifier.ready(), false)
    for (let n = 0; n < 3; n++) {
      const { status, body, headers } = await api.get(token)
      assert.deepEqual([status, body.code, headers["retry-after"]], [503, "keys_unavailable", "1"])
      assert.equal(headers["www-authenticate"], undefined)
      assert.equal(headers["cache-control"], "no-store")
    }
    assert.equal(api.jwks.fetches, 1)
    assert.equal(failures.length, 1)
    api.clock.advance(0.9)
    await api.get(token).expect(503)
    assert.equal(api.jwks.fetches, 1)
    api.clock.advance(0.1)
    await api.get(token).expect(503)
    assert.equal(api.jwks.fetches, 2)
    api.jwks.publish({ keys: [keys.current.jwk] })
    api.clock.advance(1)
    assert.equal(await api.verifier.ready(), true)
    await api.get(token).expect(200)
    assert.equal(api.jwks.fetches, 3)
  })

  it("after the first keys is asked once in 30 seconds again", async () => {
    // checks 79 and 82
    api.jwks.answer = (request) => request.socket.destroy()
    await api.get(api.userToken()).expect(503)
    api.jwks.publish({ keys: [keys.current.jwk] })
    api.clock.advance(1)
    await api.get(api.userToken()).expect(200)
    api.jwks.answer = (request) => request.socket.destroy()
    const answerAfter = async (seconds: number) => {
      api.clock.advance(seconds)
      const { status, headers } = await api.get(api.userToken({}, {}, keys.next))
      return [api.jwks.fetches, status, headers["retry-after"]]
    }
    assert.deepEqual(await answerAfter(29), [2, 401, undefined])
    assert.deepEqual(await answerAfter(1), [3, 503, "30"])
    assert.deepEqual(await answerAfter(10), [3, 503, "20"])
  })

  it("is not waited for again and again", async () => {
    // check 81
    const patient = await setup({ timeoutSeconds: HOUR })
    await patient.get(patient.userToken()).expect(200)
    patient.jwks.answer = (request) => request.socket.destroy()
    patient.clock.advance(HOUR)
    await patient.get(patient.userToken()).expect(200)
    const asked = hang(patient.jwks)
    patient.clock.advance(HOUR)
    await patient.get(patient.userToken()).expect(200)
    await asked
  })

  it("says 503, not 401, of a key that may be new, and 401 once it can tell", async () => {
    await api.get(api.userToken()).expect(200)
    const working = api.jwks.answer
    api.jwks.answer = (request) => request.socket.destroy()
    api.clock.advance(31)
    await api.get(api.userToken({}, {}, keys.next)).expect(503)
    await api.get(api.userToken()).expect(200)
    api.jwks.answer = working
    api.clock.advance(31)
    await api.get(api.userToken({}, {}, keys.next)).expect(401)
  })

  it("is no reason to trust a key that was withdrawn while nobody asked", async () => {
    const token = api.userToken()
    await api.get(token).expect(200)
    api.jwks.publish({ keys: [keys.next.jwk] })
    api.clock.advance(331)
    await api.get(token).expect(401)
  })

  it("does not hide behind a clock that was set back", async () => {
    await api.get(api.userToken()).expect(200)
    api.jwks.publish({ keys: [keys.current.jwk, keys.next.jwk] })
    api.clock.advance(-10)
    await api.get(api.userToken({}, {}, keys.next)).expect(200)
    api.jwks.answer = (request) => request.socket.destroy()
    api.clock.advance(-HOUR)
    await api.get(api.userToken()).expect(200)
  })
})

describe("a key set", () => {
  afterEach(stopServers)

  it("is used without the keys that cannot verify RS256 safely", async () => {
    const encryption = { ...keys.next.jwk, use: "enc" }
    const pss = { ...keys.attacker.jwk, alg: "PS256" }
    const others = [
      null,
      1,
      {},
      { kty: "oct", kid: "oct", k: "c2VjcmV0" },
      { kty: "RSA", kid: "broken", n: "!" },
    ]
    const published = [...others, weak.jwk, encryption, pss, createEcKey("ec").jwk, keys.current.jwk]
    const api = await setup({}, published as object[])
    await api.get(api.userToken()).expect(200)
    await api.get(api.userToken({}, {}, weak)).expect(401)
    await api.get(api.userToken({}, {}, keys.next)).expect(401)
    await api.get(api.userToken({}, {}, keys.attacker)).expect(401)
    assert.equal(api.jwks.fetches, 1)
  })

  it("is kept whole, however many keys it has", async () => {
    const kids = Array.from({ length: 40 }, (_, n) => `key-${n}`)
    const api = await setup(
      {},
      kids.map((kid) => ({ ...keys.current.jwk, kid })),
    )
    for (const kid of [...kids, ...kids]) await api.get(api.userToken({}, { kid })).expect(200)
    assert.equal(api.jwks.fetches, 1)
  })

  it("may use the names of an object's own members as key ids", async () => {
    const key = { ...keys.next, kid: "toString", jwk: { ...keys.next.jwk, kid: "toString" } }
    const api = await setup()
    await api.get(api.userToken({}, {}, key)).expect(401)
    api.jwks.publish({ keys: [key.jwk] })
    api.clock.advance(31)
    await api.get(api.userToken({}, {}, key)).expect(200)
  })
})
