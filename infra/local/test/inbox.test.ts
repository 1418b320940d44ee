import assert from "node:assert/strict"
import { connect } from "node:net"
import { text } from "node:stream/consumers"
import { makeFolder, removeFolder } from "./support/folders.js"
import { type RunningGatepost, start, stop } from "./support/gatepost.js"

const MAIL = [
  "EHLO test",
  "MAIL FROM:<a@test>",
  "RCPT TO:<ada@example.com>",
  "DATA",
  "Subject: Your code\r\nTo: ada@example.com\r\n\r\n123456\r\n.",
  "QUIT",
]

/** Says one line after each answer. */
async function sendMail(smtpUrl: string): Promise<void> {
  const socket = connect(Number(new URL(smtpUrl).port), "127.0.0.1")
  const lines = [...MAIL]
  // The last line of an answer has a space after its code.
  socket.on("data", (chunk) => /^\d{3} /m.test(String(chunk)) && socket.write(`${lines.shift() ?? ""}\r\n`))
  assert.match(await text(socket), /^250 .*queued/im)
}

describe("the dev inbox", () => {
  const folder = makeFolder()
  let gatepost: RunningGatepost

  before(async () => {
    gatepost = await start({ DATA_DIR: folder })
  })
  after(async () => {
    await stop(gatepost)
    removeFolder(folder)
  })

  const inbox = () => /Dev inbox +(http:\S+)/.exec(gatepost.output())?.[1] ?? ""
  const mails = async () => (await fetch(`${inbox()}/api/email`)).json() as Promise<{ subject: string }[]>

  it("takes every mail, shows it, and keeps it over a restart", async () => {
    const { env } = await gatepost.ask("/")
    await sendMail(env.SMTP_URL ?? "")
    assert.deepEqual(
      (await mails()).map(({ subject }) => subject),
      ["Your code"],
    )
    const page = await fetch(inbox(), { headers: { Accept: "text/html" } })
    assert.match(await page.text(), /<title>.*MailDev/i)

    await stop(gatepost)
    gatepost = await start({ DATA_DIR: folder })
    assert.deepEqual(
      (await mails()).map(({ subject }) => subject),
      ["Your code"],
    )
  })

  it("shows nothing to other web sites in the same browser", async () => {
    const from = (headers: Record<string, string>) => fetch(`${inbox()}/api/email`, { headers })
    assert.equal((await from({ Origin: "http://evil.test" })).status, 403)
    assert.equal((await from({ Origin: "null" })).status, 403)
    assert.equal((await from({ Origin: inbox() })).status, 200)

    // A name that somebody else made point to this machine.
    const socket = connect(Number(new URL(inbox()).port), "127.0.0.1")
    socket.write("GET /api/email HTTP/1.1\r\nHost: rebound.test\r\nConnection: close\r\n\r\n")
    assert.match(await text(socket), /^HTTP\/1.1 403/)
  })
})
