import type { RetryOutcome } from "@gatepost/mail-queue"

type Of<Kind extends RetryOutcome["kind"]> = Extract<RetryOutcome, { kind: Kind }>

/** What it means that a mail is sent again. */
export function describeRetry({ from, mayDouble }: Of<"queued">): string {
  if (mayDouble)
    return "The mail is sent again. It may have arrived before: a copy has the same Message-ID, date and code."
  if (from === "suppressed")
    return "The mail is sent, unless its address is suppressed still: then it is suppressed again."
  return "The mail is sent again. No server took it before, so there will be no copy."
}

/** Why it is not. */
export function describeRefusal(outcome: Of<"not-at-rest" | "expired">): string {
  if (outcome.kind === "expired")
    return "The mail's time is over and what it said is wiped: have its cause make a new one."
  return outcome.state === "sent"
    ? "The mail was sent: a server took it."
    : `The mail is ${outcome.state}: it goes on by itself.`
}
