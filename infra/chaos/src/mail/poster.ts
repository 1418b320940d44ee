// Stands for a service: writes mails in its transactions, and is killed while it does. Some it takes back.
import { setTimeout as sleep } from "node:timers/promises"
import { createOutbox } from "@gatepost/mail-queue"
import { openDatabase } from "@gatepost/postgres"
import { createSealer } from "@gatepost/runtime"
import { chaosMail } from "./chaos-mail.js"

const { DATABASE_URL = "", MAIL_ENCRYPTION_SECRET = "" } = process.env
// Of each ten mails, one is taken back and one lives for so short that it may expire.
const TAKEN_BACK = 3
const SHORT_LIVED = 7
const SHORT_SECONDS = 3
const LONG_SECONDS = 3_600
const IDLE_MS = 20
const CATCH_UP_MS = 2_000

class TakenBack extends Error {}

const database = openDatabase({ url: DATABASE_URL, applicationName: "chaos poster", poolSize: 2 })
const outbox = createOutbox({
  sealer: createSealer(MAIL_ENCRYPTION_SECRET, "mail"),
  messageIdDomain: "chaos.example",
})
let pauseMs = 0
let number = 0

process.on("message", (message: { pauseMs: number }) => {
  pauseMs = message.pauseMs
})
process.on("disconnect", () => process.exit())
process.on("SIGTERM", () => process.exit())
process.send?.({ type: "ready" })

// What a slow commit takes is made good by a shorter pause.
for (let due = performance.now(); ; ) {
  if (pauseMs === 0) {
    await sleep(IDLE_MS)
    due = performance.now()
  } else {
    await post(number++)
    due = Math.max(due + pauseMs, performance.now() - CATCH_UP_MS)
    await sleep(Math.max(0, due - performance.now()))
  }
}

async function post(count: number): Promise<void> {
  const takenBack = count % 10 === TAKEN_BACK
  const policy = count % 2 === 0 ? "resend" : "once"
  const recipient = `${takenBack ? "taken-back" : policy}-${process.pid}-${count}@example.com`
  const started = performance.now()
  try {
    const id = await database.transaction(async (trx) => {
      const posted = await outbox.enqueue(trx, {
        ...chaosMail,
        recipient,
        expiresInSeconds: count % 10 === SHORT_LIVED ? SHORT_SECONDS : LONG_SECONDS,
      })
      await trx.raw("update mail.messages set policy = ?, lane = ? where id = ?", [
        policy,
        policy === "once" ? "bulk" : "otp",
        posted as string,
      ])
      if (takenBack) throw new TakenBack()
      return posted
    })
    process.send?.({ type: "posted", id, ms: performance.now() - started })
  } catch (cause) {
    // With the database away, as it is here now and then, a service answers 503 and nothing was promised.
    if (!(cause instanceof TakenBack)) await sleep(100)
  }
}
