import {
  createDecipheriv,
  createECDH,
  createPublicKey,
  type ECDH,
  hkdfSync,
  randomBytes,
  verify,
} from "node:crypto"
import { once } from "node:events"
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"

export interface ReceivedPush {
  headers: IncomingMessage["headers"]
  /** Decrypted as a browser does it (RFC 8291). */
  payload: { id: string; title: string; body: string; category: string; link?: string; data?: unknown }
  /** Of its JWT (RFC 8292). */
  claims: { aud: string; exp: number; sub: string }
}

export interface Browser {
  subscription: { endpoint: string; keys: { p256dh: string; auth: string } }
  /** What came to it, whatever was answered. */
  pushes: ReceivedPush[]
  /** What the push service answers next, the last for ever. */
  answers: { status: number; headers?: Record<string, string> }[]
}

export interface PushService {
  url: string
  browser(): Browser
  close(): Promise<void>
}

/** A push service with its browsers, as RFC 8030 has it: it takes a push only if all about it is right. */
export async function startPushService(publicKey: () => string): Promise<PushService> {
  const browsers = new Map<string, Browser & { ecdh: ECDH; auth: Buffer }>()
  const server = createServer(async (req, res) => {
    const browser = browsers.get(req.url ?? "")
    if (!browser) return void res.writeHead(404).end()
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    try {
      const claims = claimsOf(req, publicKey())
      const payload = JSON.parse(decrypt(Buffer.concat(chunks), browser.ecdh, browser.auth))
      browser.pushes.push({ headers: req.headers, payload, claims })
    } catch (cause) {
      return void res.writeHead(400).end(String(cause))
    }
    const answer = browser.answers.length > 1 ? browser.answers.shift() : browser.answers[0]
    res.writeHead(answer?.status ?? 201, answer?.headers).end()
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    url,
    browser() {
      const ecdh = createECDH("prime256v1")
      const p256dh = ecdh.generateKeys("base64url")
      const auth = randomBytes(16)
      const path = `/push/${randomBytes(16).toString("hex")}`
      const subscription = { endpoint: url + path, keys: { p256dh, auth: auth.toString("base64url") } }
      const browser = { subscription, pushes: [], answers: [{ status: 201 }], ecdh, auth }
      browsers.set(path, browser)
      return browser
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}

/** RFC 8292 sections 2 and 3. */
function claimsOf(req: IncomingMessage, publicKey: string): ReceivedPush["claims"] {
  const [, jwt = "", key] = /^vapid t=([^,]+), ?k=(.+)$/.exec(req.headers.authorization ?? "") ?? []
  if (key !== publicKey) throw new Error("the key is not the one that was subscribed with")
  const point = Buffer.from(key, "base64url")
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString("base64url"))
  const jwk = { kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "" }
  const [head, body, signature = ""] = jwt.split(".")
  const input = Buffer.from(`${head}.${body}`)
  const signer = { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" } as const
  if (!verify("sha256", input, signer, Buffer.from(signature, "base64url"))) throw new Error("not signed")
  const claims = JSON.parse(Buffer.from(body ?? "", "base64url").toString())
  if (claims.aud !== `http://${req.headers.host}` || claims.exp < Date.now() / 1000)
    throw new Error("wrong claims")
  if (!req.headers.ttl || req.headers["content-encoding"] !== "aes128gcm") throw new Error("wrong headers")
  return claims
}

/** RFC 8188 section 2 and RFC 8291 section 3.4, of one record. */
function decrypt(body: Buffer, ecdh: ECDH, auth: Buffer): string {
  const salt = body.subarray(0, 16)
  const sender = body.subarray(21, 21 + (body[20] ?? 0))
  const sealed = body.subarray(21 + sender.length)
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), ecdh.getPublicKey(), sender])
  const secret = Buffer.from(hkdfSync("sha256", ecdh.computeSecret(sender), auth, info, 32))
  const derive = (name: string, length: number) =>
    Buffer.from(hkdfSync("sha256", secret, salt, `Content-Encoding: ${name}\0`, length))
  const decipher = createDecipheriv("aes-128-gcm", derive("aes128gcm", 16), derive("nonce", 12))
  decipher.setAuthTag(sealed.subarray(-16))
  const text = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
  return text.subarray(0, text.lastIndexOf(2)).toString()
}
