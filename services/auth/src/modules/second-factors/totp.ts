import { generateSecret, generateURI, verifySync } from "otplib"
import { renderSVG } from "uqr"

const STEP_SECONDS = 30
const SECRET_BYTES = 20

/** Random bits in base32 (RFC 4648), without padding. */
export const randomBase32 = (bytes: number): string => generateSecret({ length: bytes })

/** 160 bits (RFC 4226 section 4), in base32 as apps take it. */
export const newTotpSecret = (): string => randomBase32(SECRET_BYTES)

/** What an authenticator app reads of a QR code. */
export const totpUri = (of: { secret: string; issuer: string; label: string }): string => generateURI(of)

/** A QR code as an image that a page or an app can show as it is. */
export const qrCode = (text: string): string =>
  `data:image/svg+xml;base64,${Buffer.from(renderSVG(text, { border: 4 })).toString("base64")}`

/**
 * The time step (RFC 6238 section 4.2) that a code is of: this one or the one before, of which somebody types the last
 * digit while it ends (section 5.2).
 *
 * @param atMs milliseconds since 1970, by the server's clock
 */
export function stepOfCode(code: string, secret: string, atMs: number): number | undefined {
  const result = verifySync({
    secret,
    token: code,
    period: STEP_SECONDS,
    epoch: Math.floor(atMs / 1000),
    epochTolerance: [STEP_SECONDS, 0],
  })
  return result.valid && "timeStep" in result ? result.timeStep : undefined
}
