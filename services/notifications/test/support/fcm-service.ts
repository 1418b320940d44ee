import { generateKeyPairSync, verify } from "node:crypto"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"

interface FcmMessage {
  token: string
  notification: { title: string; body: string }
  data: Record<string, string>
  android: { ttl: string; priority: string; notification: { tag: string } }
  apns: { headers: Record<string, string> }
}

export interface FcmService {
  url: string
  /** Of the service account's key. */
  file: string
  messages: FcmMessage[]
  tokensGiven: number
  /** What a device's token gets, each once; 200 after that. */
  answers: Map<string, { status: number; body: object; headers?: Record<string, string> }[]>
  close(): Promise<void>
}

const fcmError = (errorCode: string) => ({
  "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError",
  errorCode,
})

/** Its refusals, as documented: firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode. */
export const refusals = {
  unregistered: {
    status: 404,
    body: {
      error: {
        code: 404,
        message: "Requested entity was not found.",
        status: "NOT_FOUND",
        details: [fcmError("UNREGISTERED")],
      },
    },
  },
  invalidToken: {
    status: 400,
    body: {
      error: {
        code: 400,
        message: "Request contains an invalid argument.",
        status: "INVALID_ARGUMENT",
        details: [
          fcmError("INVALID_ARGUMENT"),
          {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            fieldViolations: [{ field: "message.token", description: "Invalid registration token" }],
          },
        ],
      },
    },
  },
  invalidPayload: {
    status: 400,
    body: {
      error: { code: 400, message: "Request contains an invalid argument.", status: "INVALID_ARGUMENT" },
    },
  },
  wrongProject: {
    status: 404,
    body: { error: { code: 404, message: "Requested entity was not found.", status: "NOT_FOUND" } },
  },
  otherSender: {
    status: 403,
    body: {
      error: {
        code: 403,
        message: "SenderId mismatch",
        status: "PERMISSION_DENIED",
        details: [fcmError("SENDER_ID_MISMATCH")],
      },
    },
  },
  unavailable: {
    status: 503,
    headers: { "Retry-After": "1" },
    body: {
      error: {
        code: 503,
        message: "The service is currently unavailable.",
        status: "UNAVAILABLE",
        details: [fcmError("UNAVAILABLE")],
      },
    },
  },
} as const

/** FCM's HTTP v1 API and Google's token endpoint, which take only what is right. */
export async function startFcmService(): Promise<FcmService> {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
  const access = `ya29.${Math.random()}`
  const server = createServer(async (req, res) => {
    const text = await bodyOf(req)
    const answer = (status: number, body: object, headers = {}) =>
      res.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(body))

    if (req.url === "/token") {
      const form = new URLSearchParams(text)
      const [head, claims, signature] = form.get("assertion")?.split(".") ?? []
      const isSigned = verify(
        "sha256",
        Buffer.from(`${head}.${claims}`),
        publicKey,
        Buffer.from(signature ?? "", "base64url"),
      )
      const { iss, aud, scope } = JSON.parse(Buffer.from(claims ?? "", "base64url").toString())
      const isRight =
        isSigned &&
        form.get("grant_type") === "urn:ietf:params:oauth:grant-type:jwt-bearer" &&
        iss === "push@project.example" &&
        aud === `${service.url}/token` &&
        scope === "https://www.googleapis.com/auth/firebase.messaging"
      if (!isRight) return answer(400, { error: "invalid_grant" })
      service.tokensGiven++
      return answer(200, { access_token: access, expires_in: 3600, token_type: "Bearer" })
    }
    if (req.url !== "/v1/projects/project-1/messages:send" || req.method !== "POST") return answer(404, {})
    if (req.headers.authorization !== `Bearer ${access}`)
      return answer(401, { error: { status: "UNAUTHENTICATED" } })
    const { message } = JSON.parse(text) as { message: FcmMessage }
    if (Object.values(message.data).some((value) => typeof value !== "string"))
      return answer(400, refusals.invalidPayload.body)
    const refusal = service.answers.get(message.token)?.shift()
    if (refusal) return answer(refusal.status, refusal.body, refusal.headers)
    service.messages.push(message)
    return answer(200, { name: `projects/project-1/messages/${service.messages.length}` })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const folder = mkdtempSync(path.join(tmpdir(), "gatepost-fcm-"))
  const file = path.join(folder, "service-account.json")
  const account = {
    type: "service_account",
    project_id: "project-1",
    client_email: "push@project.example",
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
    token_uri: `${url}/token`,
  }
  writeFileSync(file, JSON.stringify(account))
  const service: FcmService = {
    url,
    file,
    messages: [],
    tokensGiven: 0,
    answers: new Map(),
    async close() {
      rmSync(folder, { recursive: true })
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
  return service
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
