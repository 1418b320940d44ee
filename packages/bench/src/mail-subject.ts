import type { Bench } from "./bench.js"
import type { Work } from "./load/work.js"
import type { MailSink } from "./parts/mail-sink.js"
import type { RunningSubject, Subject } from "./scenario.js"

/** Something that sends mails to the sink. */
export interface Mailer {
  pid: number
  /** Hands over that many mails; what they cost before that does not count. Resolves at the hand-over. */
  handOver(count: number): Promise<void>
  /** Called when the sink has them all: finishes what is left to do. */
  settle(): Promise<void>
  stop(): Promise<void>
}

// For the warm-up, until the hot functions are compiled; from then on as many as fill a slot.
const FIRST_BATCH = 800
const PATIENCE_MS = 60_000

/** A subject whose work is bringing mails to the sink, counted by the sink's 250. */
export const mailSubject = (
  name: string,
  start: (bench: Bench, sink: MailSink) => Promise<Mailer>,
): Subject => ({
  name,
  async start(bench): Promise<RunningSubject> {
    const sink = await bench.mailSink()
    const mailer = await start(bench, sink)
    bench.onClose(mailer.stop)
    let perSecond: number | undefined

    async function measure(seconds: number): Promise<Work> {
      const count = perSecond === undefined ? FIRST_BATCH : Math.ceil(perSecond * seconds)
      const total = (await sink.accepted()) + count
      await mailer.handOver(count)
      const started = performance.now()
      await inTime(sink.reach(total))
      const elapsed = (performance.now() - started) / 1000
      await mailer.settle()
      if ((await sink.accepted()) !== total) throw new Error(`${name} sent a mail twice`)
      perSecond = count / elapsed
      return { count, seconds: elapsed }
    }
    return { pid: mailer.pid, measure, stop: mailer.stop }
  },
})

async function inTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the mails did not arrive in time")), PATIENCE_MS)
  })
  await Promise.race([work, timeout]).finally(() => clearTimeout(timer))
}
