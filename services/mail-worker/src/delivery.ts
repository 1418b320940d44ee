import { traced } from "@gatepost/tracing"
import { createBreaker } from "./breaker.js"
import type { MailTransport, SendResult, WireMail } from "./transport.js"

/** Which transports may take a mail. */
export interface Route {
  /** The one that may have it already: no other may get it. */
  only?: string | undefined
  handOff(transport: MailTransport): Promise<void>
}

/** Brings a mail to the first transport that takes it. */
export interface Delivery {
  /** Throws what `handOff` throws. */
  deliver(mail: WireMail, route: Route): Promise<SendResult>
  /** How many connections its transports hold, idle ones too. */
  sessions(): number
  close(): void
}

/** @param transports the preferred one first; the next gets a mail only where this one provably did not */
export function createDelivery(transports: readonly MailTransport[]): Delivery {
  const choices = transports.map((transport) => ({ transport, breaker: createBreaker() }))

  return {
    async deliver(mail, { only, handOff }) {
      let result: SendResult = {
        kind: "unavailable",
        reason: `there is no transport ${only ?? ""}`.trimEnd(),
      }
      const allowed = choices.filter(({ transport }) => only === undefined || transport.name === only)
      // With every one of them broken the last is asked all the same: somebody must find out that it is back.
      for (const [index, { transport, breaker }] of allowed.entries()) {
        if (breaker.isOpen() && index < allowed.length - 1) continue
        result = await sendOver(transport, mail, () => handOff(transport))
        breaker.record(result.kind !== "unavailable")
        if (result.kind !== "unavailable") break
      }
      return result
    },
    sessions: () => transports.reduce((total, transport) => total + transport.sessions(), 0),
    close() {
      for (const { transport } of choices) transport.close()
    },
  }
}

/** By name and outcome, in a trace: nothing of the mail, and not what the server said. */
const sendOver = (transport: MailTransport, mail: WireMail, handOff: () => Promise<void>) =>
  traced(
    { name: "send mail", kind: "client", attributes: { "server.address": transport.name } },
    async (span) => {
      const result = await transport.send(mail, handOff)
      span?.set({ "gatepost.mail.outcome": result.kind })
      return result
    },
  )
