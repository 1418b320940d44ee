import { ConfigError } from "@gatepost/runtime"
import type { App, Apps } from "../apps/index.js"

/** The site that passkeys are for, and every origin that may use them: no pattern, no suffix (check 100). */
export interface PasskeySite {
  rpId: string
  rpName: string
  origins: string[]
}

/** @throws ConfigError when the pages of `publicUrl` could not use passkeys of this domain */
export function passkeySite(options: {
  rpId: string | undefined
  publicUrl: string
  apps: Apps
}): PasskeySite {
  const { publicUrl, apps } = options
  const host = new URL(publicUrl).hostname
  const rpId = options.rpId ?? host
  if (!isWithin(host, rpId)) throw new ConfigError(`PASSKEY_RP_ID ${rpId} is neither ${host} nor above it`)
  // Somebody else's app may well know its own users, but not ask them for our passkeys.
  const own = apps.list().filter(({ first_party }) => first_party)
  const web = own.flatMap(({ allowed_origins }) => allowed_origins)
  const origins = [
    publicUrl,
    // What iOS says for an app of an associated domain.
    `https://${rpId}`,
    ...web.filter((origin) => URL.canParse(origin) && isWithin(new URL(origin).hostname, rpId)),
    ...own.flatMap(androidOrigins),
  ]
  return { rpId, rpName: rpId, origins: [...new Set(origins)] }
}

const isWithin = (host: string, domain: string) => host === domain || host.endsWith(`.${domain}`)

/** How Android names an app that asks for passkeys: by the SHA-256 of its certificate. */
const androidOrigins = ({ android_apps }: App): string[] =>
  android_apps
    .flatMap(({ sha256_cert_fingerprints }) => sha256_cert_fingerprints)
    .map((hex) => `android:apk-key-hash:${Buffer.from(hex.replaceAll(":", ""), "hex").toString("base64url")}`)
