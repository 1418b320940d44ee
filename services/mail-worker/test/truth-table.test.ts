import assert from "node:assert/strict"
import { createClaims } from "@gatepost/mail-queue"
import { createLogger } from "@gatepost/runtime"
import {
  hangUp,
  reset,
  type ScriptedSmtp,
  type SmtpScript,
  say,
  sayAndHangUp,
  scriptedSmtp,
  silence,
} from "@gatepost/testkit"
import { createDelivery } from "#src/delivery.js"
import { createHeartbeat } from "#src/heartbeat.js"
import { createSendMail } from "#src/send-mail.js"
import { createSmtpTransport } from "#src/smtp-transport.js"
import { type Desk, desk } from "./support/desk.js"

interface Row {
  server: string
  does: SmtpScript
  /** What the one attempt is taken for. */
  verdict: "accepted" | "refused" | "deferred" | "unavailable" | "unanswered"
  state: "sent" | "failed_permanent" | "retry_wait"
  /** Whether the server has read the whole mail. */
  hasBody?: boolean
  suppressed?: boolean
  reason?: RegExp
}

const unsent = { verdict: "unavailable", state: "retry_wait" } as const
const deferred = { verdict: "deferred", state: "retry_wait" } as const
const refused = { verdict: "refused", state: "failed_permanent" } as const
// Its policy is to resend, so an uncertain mail waits for its next attempt.
const uncertain = { verdict: "unanswered", state: "retry_wait", hasBody: true } as const

// DELIVERY.md 5.5.
const TABLE: Row[] = [
  { server: "closes before its greeting", does: { connect: hangUp }, ...unsent },
  { server: "resets before its greeting", does: { connect: reset }, ...unsent },
  { server: "greets with 421", does: { connect: sayAndHangUp("421 busy") }, ...unsent },
  { server: "greets with 554", does: { connect: say("554 go away") }, ...unsent },
  { server: "never greets", does: { connect: silence }, ...unsent },
  { server: "greets with 5 MB", does: { connect: say(`220-${"x".repeat(5_000_000)}`) }, ...unsent },
  { server: "refuses EHLO with 421", does: { ehlo: sayAndHangUp("421 busy") }, ...unsent },
  { server: "closes at MAIL", does: { mail: hangUp }, ...unsent },
  { server: "says 421 at MAIL", does: { mail: sayAndHangUp("421 busy") }, ...unsent },
  { server: "says 451 at MAIL", does: { mail: say("451 later"), data: say("503 no") }, ...deferred },
  { server: "says 550 at MAIL", does: { mail: say("550 not you"), data: say("503 no") }, ...refused },
  { server: "says 530 at MAIL", does: { mail: say("530 log in"), data: say("503 no") }, ...unsent },
  { server: "never answers RCPT", does: { rcpt: silence }, ...unsent },
  { server: "drips its answer to RCPT", does: { rcpt: drip }, ...unsent },
  {
    server: "says 450 at RCPT",
    does: { rcpt: say("450 4.2.0 greylisted"), data: say("503 no") },
    ...deferred,
  },
  {
    server: "says 550 at RCPT",
    does: { rcpt: say("550 5.1.1 no such user"), data: say("503 no") },
    ...refused,
    suppressed: true,
    reason: /^SMTP EENVELOPE RCPT TO 550 5\.1\.1 no such user$/,
  },
  {
    server: "says a bare 550 at RCPT",
    does: { rcpt: say("550 no such user"), data: say("503 no") },
    ...refused,
    suppressed: true,
  },
  {
    server: "says 550 5.7.1 at RCPT",
    does: { rcpt: say("550 5.7.1 spam"), data: say("503 no") },
    ...refused,
  },
  {
    server: "says 550 5.1.8 at RCPT",
    does: { rcpt: say("550 5.1.8 bad sender"), data: say("503 no") },
    ...refused,
  },
  { server: "says 552 at RCPT", does: { rcpt: say("552 5.2.2 full"), data: say("503 no") }, ...refused },
  { server: "closes at DATA", does: { data: hangUp }, ...unsent },
  { server: "never says 354", does: { data: silence }, ...unsent },
  { server: "refuses DATA", does: { data: say("554 5.5.1 no valid recipients") }, ...refused },
  { server: "says 354 and 250 at once", does: { data: say("354 go on\r\n250 ok") }, ...unsent },
  { server: "says 354 and 550 at once", does: { data: say("354 go on\r\n550 no") }, ...unsent },
  { server: "cuts the mail", does: { bodyBegun: reset }, ...uncertain, hasBody: false },
  {
    server: "takes it with a NUL in its words",
    does: { body: say("250 2.0.0 OK <a\0b@x.prod.outlook.com>") },
    verdict: "accepted",
    state: "sent",
    hasBody: true,
  },
  { server: "closes after the mail", does: { body: hangUp }, ...uncertain },
  { server: "resets after the mail", does: { body: reset }, ...uncertain },
  { server: "never answers the mail", does: { body: silence }, ...uncertain },
  { server: "answers the mail by half", does: { body: (socket) => socket.end("550 n") }, ...uncertain },
  { server: "answers the mail with nonsense", does: { body: sayAndHangUp("hello") }, ...uncertain },
  { server: "says 451 after the mail", does: { body: say("451 4.3.0 later") }, ...deferred, hasBody: true },
  { server: "says 421 after the mail", does: { body: sayAndHangUp("421 bye") }, ...deferred, hasBody: true },
  {
    server: "says 550 after the mail",
    does: { body: say("550 5.7.1 spam: Confirm your email") },
    ...refused,
    hasBody: true,
    reason: /^SMTP EMESSAGE DATA 550 5\.7\.1$/,
  },
  {
    server: "says 250 and closes",
    does: { body: sayAndHangUp("250 ok") },
    verdict: "accepted",
    state: "sent",
    hasBody: true,
  },
]

describe("the truth about a mail, when the server", () => {
  let office: Desk
  let server: ScriptedSmtp
  let second: ScriptedSmtp

  before(async () => {
    office = await desk()
  })
  beforeEach(async () => {
    second = await scriptedSmtp()
  })
  afterEach(async () => {
    await server.close()
    await second.close()
  })
  after(() => office.close())

  const attempt = async (id: string, urls: string[]) => {
    const claims = createClaims(office)
    const heartbeat = createHeartbeat(claims)
    const patience = { connectMs: 300, beforeBodyMs: 400, answerMs: 500 }
    const delivery = createDelivery(urls.map((url) => createSmtpTransport(url, { patience })))
    const sendMail = createSendMail({
      claims,
      delivery,
      heartbeat,
      logger: createLogger("test", "silent"),
      record() {},
    })
    try {
      return await sendMail(id, { takeOver: false })
    } finally {
      heartbeat.stop()
      delivery.close()
    }
  }

  for (const { server: name, does, verdict, state, hasBody = false, suppressed = false, reason } of TABLE) {
    it(`${name}: ${verdict}`, async () => {
      server = await scriptedSmtp(does)
      const recipient = `${state}-${TABLE.findIndex((row) => row.server === name)}@example.com`
      const id = await office.enqueue({ recipient })
      const outcome = await attempt(id, [server.url])

      assert.equal(outcome.kind, verdict)
      const row = await office.row(id)
      assert.equal(row.state, state)
      assert.equal(server.bodies().length, hasBody ? 1 : 0)
      const wasUncertain = (await office.states(id)).includes("uncertain")
      assert.equal(wasUncertain, verdict === "unanswered")
      if (wasUncertain || hasBody) assert.ok((await office.states(id)).includes("handing_off"))
      assert.equal(await office.isSuppressed(recipient), suppressed)
      if (reason) assert.match(row.last_error ?? "", reason)
      if (verdict === "refused") assert.doesNotMatch(row.last_error ?? "", /@|Confirm/)
    })

    it(`${name}: ${verdict === "unavailable" ? "a second server gets it" : "no second server gets it"}`, async () => {
      server = await scriptedSmtp(does)
      const id = await office.enqueue({
        recipient: `${TABLE.findIndex((row) => row.server === name)}@example.com`,
      })
      await attempt(id, [server.url, second.url])

      assert.equal(second.bodies().length, verdict === "unavailable" ? 1 : 0)
      if (verdict === "unavailable") assert.equal((await office.row(id)).state, "sent")
    })
  }

  it("refuses our password: unavailable, and the password is in no reason", async () => {
    for (const answer of ["535 5.7.8 wrong", "454 4.7.0 later"]) {
      server = await scriptedSmtp({ ehlo: say("250-scripted\r\n250 AUTH PLAIN"), auth: say(answer) })
      const id = await office.enqueue()
      const outcome = await attempt(id, [server.url.replace("//", "//user:hidden-word@")])
      assert.equal(outcome.kind, "unavailable")
      assert.doesNotMatch((await office.row(id)).last_error ?? "", /hidden-word|aGlkZGVu/)
      if (answer.startsWith("535")) await server.close()
    }
  })

  it("does not answer again and again: a second one is asked first for a while", async () => {
    server = await scriptedSmtp({ connect: hangUp })
    const delivery = createDelivery([server, second].map(({ url }) => createSmtpTransport(url)))
    const mail = office.wireMail()
    for (let count = 0; count < 6; count++) await delivery.deliver(mail, { handOff: async () => {} })
    assert.equal(second.bodies().length, 6)
    assert.equal(server.connections(), 3)
    delivery.close()
  })
})

/** A byte now and then, so that the connection is never idle. */
function drip(socket: import("node:net").Socket): void {
  const timer = setInterval(() => socket.write("2"), 50)
  socket.once("close", () => clearInterval(timer))
}
