import { ok, type Verdict, warn } from "../../verdict.js"
import { found, type Question } from "./question.js"

/** Bounces and answers arrive somewhere; some receivers refuse senders whom nobody can answer. */
export async function mailExchangers({ domain, resolver }: Question): Promise<Verdict> {
  const exchanges = (await found(resolver.resolveMx(domain))).map(({ exchange }) => exchange)
  // RFC 7505: a single dot says that there is no mail.
  if (exchanges.every((exchange) => exchange === "" || exchange === "."))
    return warn("no mail server takes answers and bounces", `publish an MX record for ${domain}`)
  return ok(exchanges.join(", "))
}
