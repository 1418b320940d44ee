import { networkOf, wideNetworkOf } from "@gatepost/http"
import { sha256 } from "@gatepost/runtime"
import type { Window } from "./counters.repository.js"
import type { DeviceKind } from "./known-devices.repository.js"

/** What is counted of a try, by what is known of who tries (SECURITY.md section 2). */
export interface Try {
  email: string
  ip: string
  deviceKey: Buffer | undefined
  knownBy: DeviceKind | undefined
  /** Where the address has an account. */
  accountId: string | undefined
  /** Whether somebody who is signed in proves once more who they are. */
  isSignedIn: boolean
}

const QUARTER_HOUR = 900
const HOUR = 3_600
const MONTH = 2_592_000

/** NIST SP 800-63B-4 section 3.2.2: no more in a row. */
export const MAX_FAILURES_IN_A_ROW = 100

const name = (...parts: string[]) => sha256(parts.join(" ")).toString("base64url")

/** Of those who are nowhere known: as many as there are, one after the other. */
export const accountKey = (accountId: string) => `sign-in account ${accountId}`

/** Those that refuse: whoever has a device's secret is refused only for what is done with that secret. */
export function windowsOf({ email, ip, deviceKey, knownBy, isSignedIn }: Try): Window[] {
  if (knownBy === "device" && deviceKey) {
    const key = `sign-in device ${name(email, deviceKey.toString("base64url"))}`
    return [{ key, points: 10, perSeconds: QUARTER_HOUR }]
  }
  const network = networkOf(ip)
  const person = {
    key: `sign-in person ${name(email, network)}`,
    points: 10,
    perSeconds: QUARTER_HOUR,
  }
  if (isSignedIn) return [person]
  return [
    person,
    { key: `sign-in minute ${network}`, points: 20, perSeconds: 60 },
    { key: `sign-in hour ${network}`, points: 100, perSeconds: HOUR },
    { key: `sign-in network ${wideNetworkOf(ip)}`, points: 300, perSeconds: HOUR },
  ]
}

/** The one that refuses nobody, and makes strangers ask the owner. */
export function rowOf({ accountId, knownBy, isSignedIn }: Try): Window | undefined {
  if (!accountId || knownBy || isSignedIn) return undefined
  return { key: accountKey(accountId), points: MAX_FAILURES_IN_A_ROW, perSeconds: MONTH }
}
