import { z } from "zod"
import { DisplayName } from "../accounts/index.js"
import { DeviceName } from "../sessions/index.js"
import type { Passkey } from "./passkeys.repository.js"

const base64url = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[A-Za-z0-9_-]*$/, "must be base64url")

const credential = {
  id: base64url(1_400).min(1),
  rawId: base64url(1_400).min(1),
  type: z.literal("public-key"),
  authenticatorAttachment: z.string().max(40).nullish(),
  clientExtensionResults: z.looseObject({}).default({}),
}

/** WebAuthn's RegistrationResponseJSON. */
export const Attestation = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: base64url(4_000),
      attestationObject: base64url(8_000),
      transports: z
        .array(z.string().regex(/^[a-z-]{1,20}$/))
        .max(10)
        .default([]),
    }),
  })
  .meta({ id: "PasskeyAttestation", description: "RegistrationResponseJSON of WebAuthn" })
export type Attestation = z.output<typeof Attestation>

/** WebAuthn's AuthenticationResponseJSON. */
export const Assertion = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: base64url(4_000),
      authenticatorData: base64url(4_000),
      signature: base64url(2_000),
      userHandle: base64url(100).nullish(),
    }),
  })
  .meta({ id: "PasskeyAssertion", description: "AuthenticationResponseJSON of WebAuthn" })
export type Assertion = z.output<typeof Assertion>

/** What WebAuthn takes, as JSON. */
export const PasskeyOptionsView = z
  .object({ public_key: z.looseObject({ challenge: z.string() }) })
  .meta({ id: "PasskeyOptions" })

export const PasskeyName = DisplayName.meta({ description: "What its person calls it", example: "My phone" })

export const AddPasskeyBody = z
  .object({ credential: Attestation, name: PasskeyName.optional() })
  .meta({ id: "AddPasskey" })

export const RenamePasskeyBody = z.object({ name: PasskeyName }).meta({ id: "RenamePasskey" })

export const PasskeySignInBody = z
  .object({ credential: Assertion, device_name: DeviceName.optional() })
  .meta({ id: "PasskeySignIn" })

export const PasskeyParams = z.object({ id: z.uuid() })

export const PasskeyView = z
  .object({
    id: z.uuid(),
    name: z.string(),
    is_synced: z.boolean().meta({ description: "Whether a provider keeps it for several devices" }),
    created_at: z.iso.datetime(),
    last_used_at: z.iso.datetime().nullable(),
  })
  .meta({ id: "Passkey" })

export const toPasskeyView = (passkey: Passkey): z.input<typeof PasskeyView> => ({
  id: passkey.id,
  name: passkey.name,
  is_synced: passkey.isSynced,
  created_at: passkey.createdAt.toISOString(),
  last_used_at: passkey.lastUsedAt?.toISOString() ?? null,
})

export const PasskeyList = z
  .object({ items: z.array(PasskeyView), next_cursor: z.null() })
  .meta({ id: "PasskeyList" })
