import { readFileSync } from "node:fs"
import { readConfig } from "@gatepost/auth/config"
import type { Check, Finding } from "../patient.js"
import { ok, reasonOf, warn } from "../verdict.js"
import { dkimRecord } from "./dns/dkim.js"
import { dmarcRecord } from "./dns/dmarc.js"
import { mailExchangers } from "./dns/mx.js"
import { spfRecord } from "./dns/spf.js"

// RFC 2606, RFC 6761: nobody's, so nobody publishes anything there.
const RESERVED = /(^|\.)(example|test|invalid|localhost|local|example\.(com|net|org))$/

/** The senders' domains say that we may send for them: MX, SPF, DKIM, DMARC. */
export const dns: Check = {
  name: "dns",
  async run({ env, resolver }) {
    const domains = [...new Set(sendersOf(readConfig(env).APPS_FILE).map(domainOf))]
    const real = domains.filter((domain) => !RESERVED.test(domain))
    if (real.length === 0) return ok(`the apps send from ${domains.join(", ")}: examples, nothing to look up`)
    const findings = real.flatMap((domain) =>
      Object.entries({ mx: mailExchangers, spf: spfRecord, dkim: dkimRecord, dmarc: dmarcRecord }).map(
        async ([record, look]): Promise<Finding> => ({
          of: `${record} ${domain}`,
          verdict: await look({ domain, resolver, env }).catch((cause: unknown) =>
            warn(reasonOf(cause), "see that this machine can ask name servers, or --dns 9.9.9.9"),
          ),
        }),
      ),
    )
    return Promise.all(findings)
  },
}

const domainOf = (address: string) => address.slice(address.lastIndexOf("@") + 1).toLowerCase()

function sendersOf(file: string): string[] {
  const apps = JSON.parse(readFileSync(file, "utf8")) as { mail_from?: string }[]
  return apps.flatMap(({ mail_from }) => mail_from ?? [])
}
