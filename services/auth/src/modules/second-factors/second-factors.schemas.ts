import { z } from "zod"
import { Assertion } from "../passkeys/index.js"
import { PresentedPassword } from "../passwords/index.js"
import { DeviceName, TokenResponse } from "../sessions/index.js"
import type { GivenFactor } from "./second-factors.service.js"
import type { GivenProof } from "./step-up.service.js"

/** A code as somebody types it; the spaces are theirs. A number would have lost its leading zeros. */
export const TotpCode = z
  .string()
  .max(32, "must be a code of six digits")
  .overwrite((text) => text.replaceAll(/\s/g, ""))
  .regex(/^\d{6}$/, "must be a code of six digits")
  .meta({ id: "TotpCode", example: "012345" })

/** As it is typed; whatever it is, it is right or wrong. */
export const RecoveryCode = z
  .string()
  .min(1)
  .max(100)
  .meta({ id: "RecoveryCode", example: "ABCD-EFGH-IJKL-MNOP-QRST-UVWX" })

export const Challenge = z.string().min(1).max(256)

const factor = {
  code: TotpCode.optional(),
  recovery_code: RecoveryCode.optional(),
  passkey: Assertion.optional(),
}

interface Factor {
  code?: string | undefined
  recovery_code?: string | undefined
  passkey?: Assertion | undefined
}

const isOne = (...members: unknown[]) => members.filter((member) => member !== undefined).length === 1

export const AnswerBody = z
  .object({
    challenge: Challenge,
    ...factor,
    remember_device: z.boolean().default(false),
    device_name: DeviceName.optional(),
  })
  .refine((body) => isOne(body.code, body.recovery_code, body.passkey), {
    path: ["code"],
    message: "must come, or else recovery_code, or else passkey",
  })
  .meta({ id: "SecondFactor" })

export const ChallengeBody = z.object({ challenge: Challenge }).meta({ id: "SecondFactorChallenge" })

export const StepUpBody = z
  .object({ ...factor, password: PresentedPassword.optional() })
  .refine((body) => isOne(body.code, body.recovery_code, body.passkey, body.password), {
    path: ["code"],
    message: "must come, or else recovery_code, or else passkey, or else password",
  })
  .meta({ id: "StepUp" })

/** @returns the one factor that a checked body has */
export function givenFactor({ code, recovery_code, passkey }: Factor): GivenFactor {
  if (code !== undefined) return { kind: "totp", code }
  if (passkey !== undefined) return { kind: "passkey", assertion: passkey }
  return { kind: "recovery-code", code: recovery_code ?? "" }
}

export const givenProof = ({ password, ...body }: Factor & { password?: string | undefined }): GivenProof =>
  password === undefined ? givenFactor(body) : { kind: "password", password }

export const SecondFactorResponse = TokenResponse.extend({
  mfa_device_token: z.string().optional().meta({
    description: "With `remember_device`: send it when signing in, and no second factor is asked for",
  }),
}).meta({ id: "SecondFactorResponse" })

export const ConfirmTotpBody = z.object({ code: TotpCode }).meta({ id: "ConfirmTotp" })

export const TotpSetup = z
  .object({
    secret: z.string().meta({ description: "In base32; told this once" }),
    otpauth_uri: z.string(),
    qr_code: z.string().meta({ description: "The URI as a QR code: an SVG image as a data: URL" }),
  })
  .meta({ id: "TotpSetup" })

const recoveryCodes = z
  .array(z.string())
  .meta({ description: "Each is good once, in place of a code from the app; told this once" })

export const TotpEnabled = TokenResponse.extend({ recovery_codes: recoveryCodes }).meta({ id: "TotpEnabled" })

export const RecoveryCodes = z.object({ recovery_codes: recoveryCodes }).meta({ id: "RecoveryCodes" })

export const SecondFactorsView = z
  .object({
    totp: z.object({
      enabled: z.boolean(),
      enabled_at: z.iso.datetime().nullable(),
      paused: z.boolean().meta({ description: "After 20 wrong codes in a row, until another proof" }),
    }),
    recovery_codes_left: z.int(),
    remembered_devices: z.int(),
    acr: z.string().meta({ description: "`aal2` where this session was begun with more than one factor" }),
  })
  .meta({ id: "SecondFactors" })
