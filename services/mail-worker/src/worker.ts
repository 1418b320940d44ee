import { type Lane, queueName } from "@gatepost/contracts"
import type { Jobs, MailJob } from "@gatepost/mail-queue"
import { isUuid } from "@gatepost/runtime"
import { type Job, UnrecoverableError } from "bullmq"
import type { SendMail } from "./send-mail.js"

const RECOVERY = {
  // From kill to resume at most lock + two checks, 6 s: BullMQ's own numbers give 57 (DELIVERY.md, finding 3).
  // A lock is renewed each second, so that a pause of three is forgiven.
  lockDuration: 4_000,
  lockRenewTime: 1_000,
  stalledInterval: 1_000,
  // BullMQ's default of one would drop the jobs of a rolling out-of-memory; 20 starts are enough to know a
  // job that kills whoever takes it.
  maxStalledCount: 5,
  maxStartedAttempts: 20,
  // After a lost connection; by default a worker sleeps 15 s more once the server is back.
  runRetryDelay: 1_000,
}

// While one mail is on its way, another is being prepared or noted down: the connections never wait for the
// database, and what happens there at the same time shares statements and commits.
const MAILS_PER_CONNECTION = 2

/** Takes one lane's jobs and sends their mails over so many connections. `close()` lets running ones finish. */
export function createMailWorker(options: {
  lane: Lane
  jobs: Jobs
  sendMail: SendMail
  connections: number
}) {
  const { lane, jobs, sendMail, connections } = options
  return jobs.worker<MailJob>(queueName(lane), (job) => workOn(job, sendMail), {
    ...RECOVERY,
    concurrency: connections * MAILS_PER_CONNECTION,
    removeOnFail: { count: 1_000 },
  })
}

async function workOn(job: Job<MailJob>, sendMail: SendMail): Promise<void> {
  const id: unknown = job.data?.id
  if (typeof id !== "string" || !isUuid(id)) throw new UnrecoverableError("the job names no mail")

  // A job that stalled lost its earlier holder: BullMQ gives it to us because that one's lock ran out.
  const outcome = await sendMail(id, { takeOver: job.stalledCounter > 0 })
  if (outcome.kind === "unknown-mail") throw new UnrecoverableError("there is no such mail")
  if (outcome.kind === "refused") throw new UnrecoverableError(outcome.reason)
}
