import { setTimeout as sleep } from "node:timers/promises"
import { type Backend, openSite } from "@gatepost/fleet"
import { createOutbox } from "@gatepost/mail-queue"
import { openDatabase } from "@gatepost/postgres"
import { createSealer } from "@gatepost/runtime"
import { smtpSink } from "@gatepost/testkit"
import { CHAOS_SECRET, chaosMail } from "./chaos-mail.js"
import { createWorker } from "./pipeline.js"

/** From SIGKILL to the next letter, in seconds, each time. */
export interface Recovery {
  backend: Backend
  /** Killed before the hand-over. */
  claimed: number[]
  /** Killed after it. */
  handedOver: number[]
}

const POLL_MS = 10

/** Kills the worker that has a mail in hand, beside another that is idle, and waits until the mail arrives. */
export async function measureRecovery(backend: Backend, times: number): Promise<Recovery> {
  const site = await openSite(backend)
  const sink = await smtpSink()
  const database = openDatabase({ url: site.databaseUrl(), applicationName: "chaos", poolSize: 1 })
  const sealer = createSealer(CHAOS_SECRET, "mail")
  const outbox = createOutbox({ sealer, messageIdDomain: "chaos.example" })
  const heir = createWorker(site, "heir", sink.url)

  const once = async (stage: "rcpt" | "data") => {
    const before = sink.mails().length
    const victim = createWorker(site, "victim", sink.url)
    await victim.start()
    sink.hold(stage)
    await database.transaction((trx) =>
      outbox.enqueue(trx, { ...chaosMail, recipient: "jane@example.com", expiresInSeconds: 3_600 }),
    )
    while (sink.held() === 0) await sleep(POLL_MS)
    await heir.start()

    const killed = Date.now()
    await victim.stop("SIGKILL")
    sink.accept()
    const copies = before + (stage === "data" ? 2 : 1)
    while (sink.mails().length < copies) await sleep(POLL_MS)
    const seconds = (Date.now() - killed) / 1_000
    await heir.stop()
    return seconds
  }

  try {
    const claimed: number[] = []
    const handedOver: number[] = []
    for (let time = 0; time < times; time++) {
      claimed.push(await once("rcpt"))
      handedOver.push(await once("data"))
    }
    return { backend, claimed, handedOver }
  } finally {
    await heir.stop()
    await database.close()
    await sink.close()
    await site.close()
  }
}
