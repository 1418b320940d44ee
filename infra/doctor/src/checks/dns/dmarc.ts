import { fail, ok, type Verdict, warn } from "../../verdict.js"
import { type Question, texts } from "./question.js"

/** What receivers shall do with mails that only pretend to be of the domain (RFC 7489). */
export async function dmarcRecord({ domain, resolver }: Question): Promise<Verdict> {
  for (const holder of holdersOf(domain)) {
    const records = (await texts(resolver, `_dmarc.${holder}`)).filter((text) => /^v=DMARC1\b/.test(text))
    const [record] = records
    if (!record) continue
    if (records.length > 1) return fail(`there are ${records.length} at _dmarc.${holder}`, "leave one")
    const policy = /;\s*p\s*=\s*(\w+)/.exec(record)?.[1]
    if (!policy) return fail(record, "it needs p=none, quarantine or reject")
    return policy === "none"
      ? warn(record, "p=quarantine, once the reports show that your own mails pass")
      : ok(record)
  }
  return warn(
    "there is none",
    `publish TXT _dmarc.${domain} "v=DMARC1; p=quarantine": large receivers ask for it`,
  )
}

/** The domain itself, then those above it down to two labels: the owner's is among them (section 6.6.3). */
function holdersOf(domain: string): string[] {
  const labels = domain.split(".")
  return labels.slice(0, Math.max(1, labels.length - 1)).map((_, index) => labels.slice(index).join("."))
}
