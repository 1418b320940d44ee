import { once } from "node:events"
import { type AddressInfo, createServer, type Socket } from "node:net"

/** What the server does at one point of the dialogue, down to the bytes; after a mail it gets that, too. */
export type SmtpAct = (socket: Socket, mail: string) => void

/** Where it departs from good behaviour; `bodyBegun` is at the first bytes of a mail, `body` after its final dot. */
export type SmtpScript = Partial<
  Record<"connect" | "ehlo" | "starttls" | "auth" | "mail" | "rcpt" | "data" | "bodyBegun" | "body", SmtpAct>
>

export interface ScriptedSmtp {
  /** `smtp://127.0.0.1:<port>` */
  readonly url: string
  /** Every mail it read to its final dot, whatever it answered; as it came over the wire. */
  bodies(): string[]
  /** How many connections it has had. */
  connections(): number
  /** Ends all connections, as a server does that restarts. */
  hangUpAll(): void
  close(): Promise<void>
}

export const say =
  (text: string): SmtpAct =>
  (socket) =>
    void socket.write(`${text}\r\n`)
export const silence: SmtpAct = () => {}
export const hangUp: SmtpAct = (socket) => void socket.end()
export const reset: SmtpAct = (socket) => void socket.resetAndDestroy()
/** Says something and goes. */
export const sayAndHangUp =
  (text: string): SmtpAct =>
  (socket) =>
    void socket.end(`${text}\r\n`)

const GOOD: Required<SmtpScript> = {
  connect: say("220 ready"),
  ehlo: say("250-scripted\r\n250 PIPELINING"),
  starttls: say("502 no"),
  auth: say("235 welcome"),
  mail: say("250 sender"),
  rcpt: say("250 recipient"),
  data: say("354 go on"),
  bodyBegun: silence,
  body: say("250 2.0.0 ok: queued as 4711"),
}

/**
 * An SMTP server that does at each point what a test tells it to, and otherwise behaves: for all that a real one
 * does only on a bad day.
 */
export async function scriptedSmtp(script: SmtpScript = {}): Promise<ScriptedSmtp> {
  const acts = { ...GOOD, ...script }
  const sockets = new Set<Socket>()
  const bodies: string[] = []
  let connections = 0

  const server = createServer((socket) => {
    connections++
    sockets.add(socket.on("error", () => {}).on("close", () => sockets.delete(socket)))
    socket.setEncoding("latin1").on("data", createDialogue(socket, acts, bodies))
    acts.connect(socket, "")
  }).listen(0, "127.0.0.1")
  await once(server, "listening")

  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies: () => [...bodies],
    connections: () => connections,
    hangUpAll() {
      for (const socket of sockets) socket.end()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, "close")
    },
  }
}

const END_OF_BODY = "\r\n.\r\n"

/** Reads commands line by line, and between 354 and the final dot a mail. */
function createDialogue(socket: Socket, acts: Required<SmtpScript>, bodies: string[]) {
  let buffer = ""
  let body: "none" | "awaited" | "begun" = "none"

  function readBody(): boolean {
    if (body === "awaited") acts.bodyBegun(socket, "")
    if (socket.destroyed) return false
    body = "begun"
    const end = `\r\n${buffer}`.indexOf(END_OF_BODY)
    if (end < 0) return false
    const mail = buffer.slice(0, end)
    bodies.push(mail)
    buffer = buffer.slice(end + END_OF_BODY.length - 2)
    body = "none"
    acts.body(socket, mail)
    return true
  }

  /** A server that refuses DATA reads commands on. */
  function startBody(): boolean {
    const agreed = (chunk: unknown) => String(chunk).startsWith("354")
    const { write } = socket
    socket.write = (chunk: string | Uint8Array) => {
      if (agreed(chunk)) body = "awaited"
      return write.call(socket, chunk)
    }
    acts.data(socket, "")
    socket.write = write
    return true
  }

  function readCommand(): boolean {
    const end = buffer.indexOf("\r\n")
    if (end < 0) return false
    const verb = buffer.slice(0, end).split(" ")[0]?.toLowerCase() ?? ""
    buffer = buffer.slice(end + 2)
    if (verb === "data") return startBody()
    if (verb === "quit") sayAndHangUp("221 bye")(socket, "")
    else if (verb in acts) acts[verb as keyof SmtpScript](socket, "")
    else say("250 ok")(socket, "")
    return true
  }

  return (chunk: string) => {
    buffer += chunk
    while (buffer !== "" && !socket.destroyed && (body === "none" ? readCommand() : readBody()));
  }
}
