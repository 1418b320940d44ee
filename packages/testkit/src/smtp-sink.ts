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

/** Where in the dialogue the server answers with an error; `data` is after the whole mail. */
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
  const mails: SinkMail[] = []
  const rcpts: string[] = []
  const arrivals = new Set<() => void>()
  const faults = createFaults()
  let server: SMTPServer
  let port = 0

  const start = async () => {
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      disableReverseLookup: true,
      logger: false,
      closeTimeout: STOP_MS,
      onConnect: (_session, done) => faults.pass("connect", done),
      onMailFrom: (_address, _session, done) => faults.pass("mail", done),
      onRcptTo(address, _session, done) {
        rcpts.push(address.address)
        faults.pass("rcpt", done)
      },
      onData(stream, session, done) {
        void keep(stream).then((mail) => {
          const { mailFrom, rcptTo } = session.envelope
          faults.pass("data", (fault) => {
            if (!fault) {
              const sender = mailFrom ? mailFrom.address : ""
              mails.push(Object.assign(mail, { sender, recipients: rcptTo.map(({ address }) => address) }))
              for (const arrived of arrivals) arrived()
            }
            done(fault)
          })
        }, done)
      },
      ...options,
    })
    // A client that was killed resets its connection; that is what such tests are about.
    server.on("error", () => {})
    server.listen(port, "127.0.0.1")
    await once(server.server, "listening")
    port = (server.server.address() as AddressInfo).port
  }
  const stop = () => new Promise<void>((resolve) => server.close(resolve))

  await start()
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails: () => [...mails],
    rcpts: () => [...rcpts],
    async waitFor(fits, timeoutMs = WAIT_MS) {
      const deadline = Date.now() + timeoutMs
      for (;;) {
        const found = mails.find(fits)
        if (found) return found
        if (!(await arrival(arrivals, deadline - Date.now()))) {
          const subjects = mails.map((mail) => mail.subject).join(", ") || "none"
          throw new Error(`no such mail within ${timeoutMs} ms; arrived: ${subjects}`)
        }
      }
    },
    reject: (stage, code, text) => faults.set(stage, Object.assign(new Error(text), { responseCode: code })),
    hold: (stage) => faults.set(stage, "hold"),
    held: faults.held,
    accept: faults.clear,
    start,
    stop,
    close: stop,
  }
}

async function keep(stream: SMTPServerDataStream) {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  const raw = Buffer.concat(chunks)
  return Object.assign(await simpleParser(raw), { raw: raw.toString() })
}

function arrival(arrivals: Set<() => void>, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (arrived: boolean) => {
      clearTimeout(timer)
      arrivals.delete(listener)
      resolve(arrived)
    }
    const listener = () => settle(true)
    const timer = setTimeout(() => settle(false), Math.max(timeoutMs, 0))
    arrivals.add(listener)
  })
}

type Fault = Error | null | undefined
type Answer = (fault?: Fault) => void

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
