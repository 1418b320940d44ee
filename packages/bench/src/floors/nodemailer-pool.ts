// nodemailer alone: a pool of ten, no row, no queue. Arguments: host and port of the server.
import { renderMail } from "@gatepost/mail-worker"
import { createTransport } from "nodemailer"
import { benchMail } from "../parts/bench-mail.js"
import { answerCalls } from "../processes/calls.js"

const [host = "", port] = process.argv.slice(2)
const mailer = createTransport({ host, port: Number(port), pool: true, maxConnections: 10 })
// Rendered once: the floor is the sending.
const content = renderMail(benchMail, undefined)

answerCalls({
  async send(count: number) {
    const mail = { ...content, from: benchMail.payload.app.from, to: "someone@example.com" }
    await Promise.all(Array.from({ length: count }, () => mailer.sendMail(mail)))
  },
})
process.send?.({ type: "ready" })
