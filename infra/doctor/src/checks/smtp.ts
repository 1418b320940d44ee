import { smtpOptions } from "@gatepost/mail-worker/smtp-options"
import { openSmtpSession } from "@gatepost/mail-worker/smtp-session"
import type { Check, Finding } from "../patient.js"
import { fail, ok, reasonOf, type Verdict, warn } from "../verdict.js"

const PATIENCE = { connectMs: 5_000, beforeBodyMs: 10_000, answerMs: 10_000 }
const OUT = ["SMTP_URL", "SMTP_URL_FALLBACK"] as const

/** The mail servers take us in, as the worker would go there: connect, STARTTLS, AUTH, QUIT. No mail is sent. */
export const smtp: Check = {
  name: "smtp",
  async run({ env, isLocal }) {
    const given = OUT.filter((name) => env[name])
    if (given.length === 0 && isLocal) return ok("the dev inbox of npm start: nothing leaves this machine")
    if (!env.SMTP_URL) return fail("SMTP_URL is not set", "set it: no mail is sent")
    return Promise.all(
      given.map(
        async (name): Promise<Finding> => ({
          of: name === "SMTP_URL" ? "" : "fallback",
          verdict: await login(env[name] ?? ""),
        }),
      ),
    )
  },
}

async function login(url: string): Promise<Verdict> {
  const { host, protocol, username } = new URL(url)
  if (!protocol.startsWith("smtp"))
    return warn(
      `${protocol.replace(":", "")} at ${host}`,
      "send yourself a mail: its key can't be tried without",
    )
  try {
    const session = await openSmtpSession(smtpOptions(url, PATIENCE))
    const { secure, authenticated } = session
    session.quit()
    const found = `${host} ${secure ? "by TLS" : "without TLS"}, ${authenticated ? "signed in" : "not signed in"}`
    if (username && !authenticated)
      return fail(
        `${found}: it offers no AUTH`,
        "take the user out of the URL, or use the port for submission",
      )
    return ok(found)
  } catch (cause) {
    return fail(`${host}: ${reasonOf(cause)}`, todoFor(cause as { code?: string }))
  }
}

function todoFor({ code }: { code?: string }): string {
  if (code === "EAUTH") return "correct the user and password in the URL, percent-encoded"
  if (code === "ETLS") return "use a server with TLS and a valid certificate, or smtps:// for port 465"
  return "correct host and port; many networks let port 25 out to nobody: use 587"
}
