/** One mail as it goes over the wire, the same in every attempt. */
export interface WireMail {
  /** Its row's. */
  id: string
  from: { name: string; address: string }
  /** One bare address, checked by the caller. */
  to: string
  subject: string
  html: string
  text: string
  /** With its angle brackets. */
  messageId: string
  date: Date
  /** Beside the usual ones. */
  headers: Record<string, string>
}

/** What is known of a mail after an attempt. A reason is stored and logged: it holds nothing that the mail says. */
export type SendResult =
  | { kind: "accepted"; serverId: string | undefined }
  /** The mail was refused for good; `bounced`: there is no such mailbox. */
  | { kind: "refused"; reason: string; bounced: boolean }
  /** The mail was refused for now; sooner than in `waitSeconds` it would be refused again. */
  | { kind: "deferred"; reason: string; waitSeconds?: number }
  /** The mail was provably not sent, for a reason that is not its own: another transport may take it. */
  | { kind: "unavailable"; reason: string; waitSeconds?: number }
  /** The mail was handed over, and nobody can know what became of it. */
  | { kind: "unanswered"; reason: string }

/** A way out for mails: an SMTP server, or a provider's HTTP API. */
export interface MailTransport {
  /** What rows and logs call it; without its password. */
  readonly name: string
  /** Whether it drops a second copy of a mail by itself. */
  readonly idempotent: boolean
  /**
   * Tries once.
   *
   * @param handOff awaited before the first byte of the mail leaves: what it throws is thrown here, and nothing
   *   was sent
   */
  send(mail: WireMail, handOff: () => Promise<void>): Promise<SendResult>
  /** How many connections it holds of its own, idle ones too; 0 where the platform pools them. */
  sessions(): number
  /** Closes idle connections now, the others when they are done. */
  close(): void
}
