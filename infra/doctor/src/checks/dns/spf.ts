import { fail, ok, type Verdict, warn } from "../../verdict.js"
import { type Question, texts } from "./question.js"

// RFC 7208 section 4.6.4: more than these ask ten names, and receivers give up.
const LOOKUP = /^[+?~-]?(include|a|mx|ptr|exists|redirect)([:=/]|$)/i
const MAX_LOOKUPS = 10

/** Which servers may send for the domain (RFC 7208). */
export async function spfRecord({ domain, resolver }: Question): Promise<Verdict> {
  const records = (await texts(resolver, domain)).filter((text) => /^v=spf1( |$)/i.test(text))
  const [record] = records
  if (!record) return fail("there is none", `publish TXT ${domain} "v=spf1 include:<your provider> ~all"`)
  if (records.length > 1) return fail(`there are ${records.length}`, "leave one: two are as good as none")
  const terms = record.split(/\s+/).slice(1)
  const all = terms.find((term) => /^[+?~-]?all$/i.test(term))
  if (all === "all" || all === "+all")
    return fail(record, "end it with ~all or -all: this lets everybody send")
  if (terms.filter((term) => LOOKUP.test(term)).length > MAX_LOOKUPS)
    return fail(record, `at most ${MAX_LOOKUPS} of include, a, mx, ptr, exists, redirect`)
  if (!all && !terms.some((term) => /^redirect=/i.test(term))) return warn(record, "end it with ~all or -all")
  return ok(record)
}
