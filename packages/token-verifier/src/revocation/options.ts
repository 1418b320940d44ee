import { httpUrl, number, text } from "../option-values.js"

export interface RevocationOptions {
  /** A client of the auth service that may use client_credentials, with the scope `revocations:read`. */
  clientId: string
  clientSecret: string
  /** Where the client gets its tokens. Default: `/token` below the issuer. */
  tokenUrl?: string | undefined
  /** Where revocations are told. Default: `/v1/revocations` at the issuer's origin. */
  feedUrl?: string | undefined
  /** How long the feed may be away before `whenStale` decides; from 10, since it is heard every 5. Default: 30. */
  maxStalenessSeconds?: number
  /**
   * What happens to tokens then: `open` takes them, `closed` answers 503, also until the first revocations are
   * known. Default: `open`.
   */
  whenStale?: "open" | "closed"
  /** Told, at most once a minute, that tokens come while the feed is away for longer, and what is wrong with it. */
  onStale?: (seconds: number, cause: Error | undefined) => void
}

export interface RevocationSettings {
  readonly clientId: string
  readonly clientSecret: string
  readonly tokenUrl: string
  readonly feedUrl: string
  readonly maxStalenessSeconds: number
  readonly whenStale: "open" | "closed"
  readonly onStale: RevocationOptions["onStale"]
  readonly clock: () => number
}

/** Fills in the defaults; throws a TypeError that names the option that cannot work. */
export function readRevocationOptions(
  options: RevocationOptions,
  issuer: string,
  clock: () => number,
): RevocationSettings {
  const { whenStale = "open", maxStalenessSeconds = 30 } = options
  if (!["open", "closed"].includes(whenStale)) {
    throw new TypeError("revocation.whenStale must be open or closed")
  }
  return {
    clientId: text("revocation.clientId", options.clientId),
    clientSecret: text("revocation.clientSecret", options.clientSecret),
    tokenUrl: httpUrl("revocation.tokenUrl", options.tokenUrl ?? `${issuer}/token`, issuer),
    feedUrl: httpUrl("revocation.feedUrl", options.feedUrl ?? "/v1/revocations", issuer),
    maxStalenessSeconds: number("revocation.maxStalenessSeconds", maxStalenessSeconds, 10),
    whenStale,
    onStale: options.onStale,
    clock,
  }
}
