import { createPrivateKey } from "node:crypto"
import { Secret, setting } from "@gatepost/runtime"
import { type RefinementCtx, z } from "zod"

/** The key that mails are signed with, and for which senders' domains. */
export interface DkimKey {
  domains: string[]
  selector: string
  privateKey: Secret
}

const LABELS = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i
// RFC 8301 section 3.2: signers must not use less, and should use 2048.
const MIN_BITS = 1_024

const privateKey = z
  .string()
  .transform((text) => text.replaceAll("\\n", "\n"))
  // nodemailer would leave a mail unsigned without a word.
  .refine(isRsaKey, `must be an RSA private key of ${MIN_BITS} bits or more in PEM, without a password`)
  .transform((pem) => new Secret(pem))

/** The settings that make a DkimKey; either none of them is given, or a domain and a key. */
export const dkimSettings = {
  DKIM_DOMAINS: setting
    .list()
    .refine((domains) => domains.every((domain) => LABELS.test(domain)), "must be domains")
    .transform((domains) => domains.map((domain) => domain.toLowerCase()))
    .optional()
    .meta({ description: "senders' domains whose mails are signed here; none: the mail server signs" }),
  DKIM_SELECTOR: z
    .string()
    .regex(LABELS, "must be a DNS label")
    .default("gatepost")
    .meta({ description: "where the public key is published: `<selector>._domainkey.<domain>`" }),
  DKIM_PRIVATE_KEY: privateKey
    .optional()
    .meta({ description: "RSA private key in PEM; its line breaks may be written as `\\n`" }),
}

interface DkimConfig {
  DKIM_DOMAINS?: string[] | undefined
  DKIM_SELECTOR: string
  DKIM_PRIVATE_KEY?: Secret | undefined
}

/** A domain without a key, or a key without a domain, is a slip of the pen. */
export function needsBoth(
  { DKIM_DOMAINS: domains, DKIM_PRIVATE_KEY: key }: DkimConfig,
  context: RefinementCtx,
) {
  if (!domains === !key) return
  const path = [domains ? "DKIM_PRIVATE_KEY" : "DKIM_DOMAINS"]
  context.addIssue({ code: "custom", path, message: "is needed" })
}

export function dkimKeyOf({
  DKIM_DOMAINS: domains,
  DKIM_SELECTOR: selector,
  DKIM_PRIVATE_KEY: privateKey,
}: DkimConfig): DkimKey | undefined {
  return domains && privateKey && { domains, selector, privateKey }
}

function isRsaKey(pem: string): boolean {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(pem)
    return asymmetricKeyType === "rsa" && (asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_BITS
  } catch {
    return false
  }
}
