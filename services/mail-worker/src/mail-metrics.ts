import type { Lane } from "@gatepost/contracts"
import type { Metrics } from "@gatepost/http"
import { mailCounts, oldestDueSeconds, suppressionCounts, uncertainMails } from "@gatepost/mail-queue"
import type { Database } from "@gatepost/postgres"
import { Counter, Gauge, Histogram } from "prom-client"
import type { Verdict } from "./settle.js"

/** What an attempt made of its mail, in the words of the metrics. */
const outcomeOf = {
  accepted: "sent",
  refused: "failed",
  deferred: "retry",
  unavailable: "retry",
  unanswered: "uncertain",
  withdrawn: "withdrawn",
} as const satisfies Record<Verdict["kind"], string>

export interface MailMetrics {
  /** Counts an attempt whose outcome is stored. */
  record(mail: { lane: Lane; attempt: number; createdAt: Date }, verdict: Verdict): void
  /** Shows how many connections the pools of a lane hold. */
  watchSessions(lane: Lane, sessions: () => number): void
}

/** The figures of the mails: what this process did, and, looked up when asked for, what waits in the database. */
export function createMailMetrics({ registry, gauge }: Metrics, database: Database): MailMetrics {
  const registers = [registry]
  const attempts = new Counter({
    name: "mail_attempts_total",
    help: "Attempts to send a mail, by what came of it: sent, retry, failed, uncertain or withdrawn",
    labelNames: ["lane", "outcome"],
    registers,
  })
  const tries = new Histogram({
    name: "mail_attempts_until_sent",
    help: "How many attempts a mail took that was sent",
    labelNames: ["lane"],
    buckets: [1, 2, 3, 5, 10, 20],
    registers,
  })
  const delivery = new Histogram({
    name: "mail_delivery_seconds",
    help: "From the commit that caused a mail to the server's 250",
    labelNames: ["lane"],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800],
    registers,
  })
  const sessionsByLane = new Map<Lane, () => number>()
  gauge({
    name: "mail_smtp_sessions",
    help: "Connections to SMTP servers, idle ones too",
    label: "lane",
    values: async () => Object.fromEntries([...sessionsByLane].map(([lane, sessions]) => [lane, sessions()])),
  })
  gauge({
    name: "mail_oldest_due_seconds",
    help: "For how long the oldest mail that should leave has been due",
    label: "lane",
    values: () => oldestDueSeconds(database),
  })
  gauge({
    name: "mail_uncertain",
    help: "Mails of which nobody can know whether they arrived, and which are not sent again by themselves",
    label: "lane",
    values: () => uncertainMails(database),
  })
  gauge({
    name: "mail_suppressions",
    help: "Addresses that get no mail",
    label: "reason",
    values: () => suppressionCounts(database),
  })
  const messages = new Gauge({
    name: "mail_messages",
    help: "Mails that wait, are being sent, or were given up and can be sent again until they expire",
    labelNames: ["lane", "state"],
    registers,
    async collect() {
      const counts = await mailCounts(database).catch(() => [])
      messages.reset()
      for (const { lane, state, count } of counts) messages.set({ lane, state }, count)
    },
  })

  return {
    record({ lane, attempt, createdAt }, verdict) {
      attempts.inc({ lane, outcome: outcomeOf[verdict.kind] })
      if (verdict.kind !== "accepted") return
      tries.observe({ lane }, attempt)
      // Two machines' clocks may differ by more than a mail takes.
      delivery.observe({ lane }, Math.max(0, Date.now() - createdAt.getTime()) / 1_000)
    },
    watchSessions: (lane, sessions) => void sessionsByLane.set(lane, sessions),
  }
}
