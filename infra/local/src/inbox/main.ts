// The dev inbox as a process of its own: takes every mail, delivers none, shows them on a web page.
import { MailDev } from "maildev"
import { guardAgainstOtherSites } from "./guard.js"

// Mails are kept between restarts; more than these only make the start slow.
const MAX_MAILS = 500

process.on("SIGINT", () => {}) // Ctrl-C reaches the whole group, and the supervisor decides the order.
process.on("SIGTERM", () => void stop())
process.on("disconnect", () => void stop())

const inbox = new MailDev({
  smtp: Number(process.env.INBOX_SMTP_PORT),
  ip: "127.0.0.1",
  web: Number(process.env.INBOX_PORT),
  webIp: "127.0.0.1",
  mailDirectory: process.env.INBOX_FOLDER ?? "",
  maxEmails: MAX_MAILS,
})
const { api } = await inbox.start()
if (api) guardAgainstOtherSites(api.server.server)
process.send?.({ type: "ready", port: api?.getPort() ?? undefined })

async function stop() {
  // A browser's open socket would hold this up; mails are on the disk already.
  setTimeout(() => process.exit(0), 500).unref()
  await inbox.stop()
  process.exit(0)
}
