import { createPrivateKey, createPublicKey } from "node:crypto"
import { readConfig } from "@gatepost/mail-worker/config"
import { fail, ok, type Verdict, warn } from "../../verdict.js"
import { type Question, texts } from "./question.js"

const MANUAL = "docs/operations/dkim.md"

/** The key that signs our mails is the one that is published (RFC 6376). */
export async function dkimRecord({ domain, resolver, env }: Question): Promise<Verdict> {
  const { DKIM_DOMAINS, DKIM_SELECTOR, DKIM_PRIVATE_KEY } = readConfig({
    SMTP_URL: "smtp://127.0.0.1",
    ...env,
  })
  const signer = DKIM_DOMAINS?.find((candidate) => `.${domain}`.endsWith(`.${candidate}`))
  if (!DKIM_PRIVATE_KEY || !signer)
    return warn("the worker does not sign for it", `see that your mail provider does, or ${MANUAL}`)
  const name = `${DKIM_SELECTOR}._domainkey.${signer}`
  const records = await texts(resolver, name)
  const published = records.map(keyOf).filter((key) => key !== undefined)
  const wanted = createPublicKey(createPrivateKey(DKIM_PRIVATE_KEY.reveal()))
    .export({ type: "spki", format: "der" })
    .toString("base64")
  if (records.length === 0) return fail(`nothing at ${name}`, `publish the key: ${MANUAL}`)
  if (published.length !== 1) return fail(`${published.length} keys at ${name}`, `publish one: ${MANUAL}`)
  if (published[0] === "") return fail(`the key at ${name} is withdrawn`, `another selector: ${MANUAL}`)
  if (published[0] !== wanted)
    return fail(`the key at ${name} is another than DKIM_PRIVATE_KEY's`, `publish ours: ${MANUAL}`)
  return ok(`${name} has our key`)
}

const keyOf = (record: string) => /(?:^|;)\s*p\s*=\s*([^;]*)/.exec(record)?.[1]?.replaceAll(/\s/g, "")
