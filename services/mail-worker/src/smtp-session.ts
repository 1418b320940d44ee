import { Readable } from "node:stream"
import SMTPConnection from "nodemailer/lib/smtp-connection"
import type { Message } from "./compose-message.js"
import type { Patience, SmtpOptions } from "./smtp-options.js"

/** What nodemailer says of a failure. */
export interface SmtpError extends Error {
  code?: string | undefined
  /** Where the dialogue stood, such as `RCPT TO`. */
  command?: string | undefined
  responseCode?: number | undefined
  response?: string | undefined
  permanent?: boolean | undefined
}

/** `bodyLeft`: the server may have the whole mail. */
export type SmtpOutcome = { serverId: string | undefined } | { error: SmtpError; bodyLeft: boolean }

/** One connection to an SMTP server, over which mails go one after the other. */
export interface SmtpSession {
  /** How many it has had. */
  readonly mails: number
  /** Whether what we say is encrypted. */
  readonly secure: boolean
  /** Whether it knows who we are. */
  readonly authenticated: boolean
  /** Whether it can take another. */
  isOpen(): boolean
  /**
   * Sends one mail.
   *
   * @param beforeBody awaited when the server has said 354, before the first byte of the mail: what it throws
   *   is thrown here, and the server has nothing
   */
  send(message: Message, beforeBody: () => Promise<void>): Promise<SmtpOutcome>
  close(): void
  /** Says QUIT and goes. */
  quit(): void
}

/** @throws nodemailer's error when the server is away, refuses us, or has no TLS where it must */
export async function openSmtpSession({ auth, patience, ...options }: SmtpOptions): Promise<SmtpSession> {
  const connection = new SMTPConnection(options)
  const opened = new Promise<void>((resolve, reject) => {
    const settle = (cause?: Error | null) => (cause ? reject(cause) : resolve())
    // Also for the rest of its life: whoever waits for the server hears of its errors, an idle connection ends.
    connection.on("error", reject)
    connection.connect((cause) => {
      if (!cause && auth && connection.allowsAuth) connection.login(auth, settle)
      else settle(cause)
    })
  })
  try {
    await inTime(opened, patience.beforeBodyMs)
  } catch (cause) {
    connection.close()
    throw cause
  }

  let mails = 0
  return {
    get mails() {
      return mails
    },
    secure: connection.secure,
    authenticated: connection.authenticated,
    isOpen: () => !connection.destroyed,
    async send(message, beforeBody) {
      mails++
      let outcome: SmtpOutcome | undefined
      try {
        outcome = await sendOver(connection, patience, message, beforeBody)
        if ("error" in outcome && isAnswer(outcome.error)) await reset(connection, patience)
        return outcome
      } finally {
        if (!outcome || ("error" in outcome && !isAnswer(outcome.error))) connection.close()
      }
    },
    close: () => connection.close(),
    quit: () => connection.quit(),
  }
}

function sendOver(
  connection: SMTPConnection,
  patience: Patience,
  { envelope, content }: Message,
  beforeBody: () => Promise<void>,
): Promise<SmtpOutcome> {
  return new Promise((resolve, reject) => {
    let asked = false
    let bodyLeft = false
    const fail = (error: SmtpError) => end(() => resolve({ error, bodyLeft }))
    const expire = () => fail(smtpError("the server takes too long", "ETIMEDOUT"))
    let timer = setTimeout(expire, patience.beforeBodyMs)
    const end = (settle: () => void) => {
      clearTimeout(timer)
      body.destroy()
      settle()
    }

    // SMTP reads the mail only after the server's 354, so its first read is the last moment to hold it back.
    const body = new Readable({
      read() {
        if (asked) return
        asked = true
        beforeBody().then(
          () => {
            if (body.destroyed) return
            clearTimeout(timer)
            timer = setTimeout(expire, patience.answerMs)
            bodyLeft = true
            body.push(content)
            body.push(null)
          },
          (cause: unknown) => end(() => reject(cause)),
        )
      },
    })
    connection.send(envelope, body, (error, info) => {
      if (asked && !bodyLeft) fail(smtpError("the server answered before it had the mail", "EPROTOCOL"))
      else if (error) fail(error)
      else end(() => resolve({ serverId: info.serverMessageId ?? queueId(info.response) }))
    })
  })
}

/** A refusal of the mail leaves the connection as good as new, once the server has been told to forget it. */
async function reset(connection: SMTPConnection, { beforeBodyMs }: Patience): Promise<void> {
  const done = new Promise<void>((resolve, reject) => {
    connection.once("end", resolve)
    connection.reset((cause) => (cause ? reject(cause) : resolve()))
  })
  await inTime(done, beforeBodyMs).catch(() => connection.close())
}

const isAnswer = ({ code, responseCode }: SmtpError) =>
  (code === "EENVELOPE" || code === "EMESSAGE") && responseCode !== 421

function inTime(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(smtpError("the server takes too long", "ETIMEDOUT")), ms)
  })
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer))
}

// Check 106: no more of the answer than this, since it may quote the mail.
const queueId = (response: string) => /\bqueued as ([\w.-]{1,100})/i.exec(response)?.[1]

const smtpError = (message: string, code: string): SmtpError =>
  Object.assign(new Error(message), { code, command: "CONN" })
