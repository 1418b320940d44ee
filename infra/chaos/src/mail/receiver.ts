import { createHash } from "node:crypto"
import { mailProvider, scriptedSmtp } from "@gatepost/testkit"

/** What arrived: the copies of each mail by its Message-ID, each as the hash of all its bytes. */
export type Arrived = Map<string, string[]>

/** Where the mails go, and where it is counted what truly arrived. */
export interface Receiver {
  /** For `SMTP_URL`. */
  url: string
  arrived(): Arrived
  /** Every address that a mail arrived for. */
  recipients(): Set<string>
  close(): Promise<void>
}

export type ReceiverKind = "smtp" | "provider"

// Long enough that every kill finds mails on their way.
const MAX_ANSWER_MS = 30

export const openReceiver = (kind: ReceiverKind): Promise<Receiver> =>
  kind === "smtp" ? openSmtpReceiver() : openProviderReceiver()

/** Takes every mail at its final dot, and answers a little later. */
async function openSmtpReceiver(): Promise<Receiver> {
  const server = await scriptedSmtp({
    body: (socket) =>
      void setTimeout(() => socket.write("250 2.0.0 ok: queued as chaos\r\n"), Math.random() * MAX_ANSWER_MS),
  })
  return {
    url: server.url,
    arrived: () => group(server.bodies().map((body) => [header(body, "Message-ID"), hash(body)])),
    recipients: () => new Set(server.bodies().map((body) => header(body, "To"))),
    close: server.close,
  }
}

/** One that drops second copies by itself. */
async function openProviderReceiver(): Promise<Receiver> {
  const provider = await mailProvider({ maxAnswerMs: MAX_ANSWER_MS })
  const messageId = (body: Record<string, unknown>) => (body.headers as Record<string, string>)["Message-ID"]
  return {
    url: provider.url,
    arrived: () =>
      group(provider.mails().map(({ body }) => [messageId(body) ?? "", hash(JSON.stringify(body))])),
    recipients: () => new Set(provider.mails().map(({ body }) => String(body.to))),
    close: provider.close,
  }
}

function group(copies: [string, string][]): Arrived {
  const arrived: Arrived = new Map()
  for (const [messageId, bytes] of copies) {
    arrived.set(messageId, [...(arrived.get(messageId) ?? []), bytes])
  }
  return arrived
}

const header = (body: string, name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(body)?.[1] ?? ""

const hash = (text: string) => createHash("sha256").update(text).digest("base64")
