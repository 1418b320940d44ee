import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { type ParsedMail, simpleParser } from "mailparser"
import { SMTPServer, type SMTPServerDataStream, type SMTPServerOptions } from "smtp-server"

/** One mail as the server got it. */
export interface SinkMail extends ParsedMail {
  /** The envelope's recipients, as said in RCPT. */
  recipients: string[]
  /** The envelope's sender. */
  sender: string
  raw: string
}

/** Where in the dialogue the server fails; `data` is after the whole mail. */
export type SinkStage = "connect" | "mail" | "rcpt" | "data"

export interface SmtpSink {
  /** `smtp://127.0.0.1:<port>`; the same after `stop` and `start`. */
  readonly url: string
  /** All accepted mails, oldest first. */
  mails(): SinkMail[]
  /** Every address a RCPT named, accepted or not. */
  rcpts(): string[]
  /** The first accepted mail that fits, now or later; fails after `timeoutMs` (10 s). */
  waitFor(fits: (mail: SinkMail) => boolean, timeoutMs?: number): Promise<SinkMail>
  /** From now on answers a stage with an error, such as `550` and `5.1.1 no such mailbox`. */
  reject(stage: SinkStage, code: number, text: string): void
  /** From now on stays silent at a stage, until `accept`. */
  hold(stage: SinkStage): void
  /** How many clients wait in a held stage. */
  held(): number
  /** Ends `reject` and `hold`; whoever waits is answered. */
  accept(): void
  /** Goes away: connections are cut, further ones refused. */
  stop(): Promise<void>
  /** Comes back on the same port. */
  start(): Promise<void>
  close(): Promise<void>
}

const WAIT_MS = 10_000
const STOP_MS = 100

/** A real SMTP server for tests, which keeps what it gets and fails on request. */
export async function smtpSink(options: SMTPServerOptions = {}): Promise<SmtpSink> {
  const inbox = createInbox()
  const faults = createFaults()
  let server = createServer(inbox, faults, options)
  let port = 0

  const listen = async () => {
    server.listen(port, "127.0.0.1")
    await once(server.server, "listening")
    port = (server.server.address() as AddressInfo).port
  }
  const stop = () => new Promise<void>((resolve) => server.close(resolve))

  await listen()
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails: () => [...inbox.mails],
    rcpts: () => [...inbox.rcpts],
    waitFor: inbox.waitFor,
    reject: (stage, code, text) => faults.set(stage, Object.assign(new Error(text), { responseCode: code })),
    hold: (stage) => faults.set(stage, "hold"),
    held: faults.held,
    accept: faults.clear,
    async start() {
      server = createServer(inbox, faults, options)
      await listen()
    },
    stop,
    close: stop,
  }
}

function createServer(inbox: Inbox, faults: Faults, options: SMTPServerOptions): SMTPServer {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: STOP_MS,
    onConnect: (_session, answer) => faults.pass("connect", answer),
    onMailFrom: (_address, _session, answer) => faults.pass("mail", answer),
    onRcptTo({ address }, _session, answer) {
      inbox.rcpts.push(address)
      faults.pass("rcpt", answer)
    },
    onData(stream, { envelope }, answer) {
      void parse(stream).then((mail) => {
        const sender = envelope.mailFrom ? envelope.mailFrom.address : ""
        const recipients = envelope.rcptTo.map(({ address }) => address)
        faults.pass("data", (fault) => {
          if (!fault) inbox.add(Object.assign(mail, { sender, recipients }))
          answer(fault)
        })
      }, answer)
    },
    ...options,
  })
  // A client that was killed resets its connection; that is what such tests are about.
  server.on("error", () => {})
  return server
}

async function parse(stream: SMTPServerDataStream) {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  const raw = Buffer.concat(chunks)
  return Object.assign(await simpleParser(raw), { raw: raw.toString() })
}

type Inbox = ReturnType<typeof createInbox>

function createInbox() {
  const mails: SinkMail[] = []
  const waiting = new Set<() => void>()

  return {
    mails,
    rcpts: [] as string[],
    add(mail: SinkMail) {
      mails.push(mail)
      for (const look of waiting) look()
    },
    waitFor(fits: (mail: SinkMail) => boolean, timeoutMs = WAIT_MS): Promise<SinkMail> {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = mails.find(fits)
          if (found) settle(() => resolve(found))
        }
        const settle = (answer: () => void) => {
          clearTimeout(timer)
          waiting.delete(look)
          answer()
        }
        const timer = setTimeout(() => {
          const subjects = mails.map((mail) => mail.subject).join(", ") || "none"
          settle(() => reject(new Error(`no such mail within ${timeoutMs} ms; arrived: ${subjects}`)))
        }, timeoutMs)
        waiting.add(look)
        look()
      })
    },
  }
}

type Answer = (fault?: Error | null) => void
type Faults = ReturnType<typeof createFaults>

function createFaults() {
  const faults = new Map<SinkStage, Error | "hold">()
  const waiting: Answer[] = []

  return {
    set: (stage: SinkStage, fault: Error | "hold") => void faults.set(stage, fault),
    held: () => waiting.length,
    pass(stage: SinkStage, answer: Answer) {
      const fault = faults.get(stage)
      if (fault === "hold") waiting.push(answer)
      else answer(fault)
    },
    clear() {
      faults.clear()
      for (const answer of waiting.splice(0)) answer()
    },
  }
}
