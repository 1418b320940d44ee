import { z } from "zod"
import { DisplayName } from "../accounts/index.js"
import { DeviceName, MfaDeviceToken } from "../sessions/index.js"

export const ProviderParams = z.object({ provider: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/) })

const idToken = {
  id_token: z
    .string()
    .min(1)
    .max(8_192)
    .meta({ description: "As the provider's SDK gave it, within ten minutes" }),
  nonce: z.string().min(16).max(256).meta({
    description:
      "Made by the app for this sign-in alone; the ID token has it, or its SHA-256 in hex or base64url",
  }),
  authorization_code: z
    .string()
    .min(1)
    .max(2_048)
    .optional()
    .meta({ description: "Apple's, which makes it possible to take the consent back when somebody leaves" }),
}

export const SocialSignInBody = z
  .object({
    ...idToken,
    name: DisplayName.optional(),
    device_name: DeviceName.optional(),
    mfa_device_token: MfaDeviceToken.optional(),
  })
  .meta({ id: "SocialSignIn" })

export const ProviderList = z
  .object({
    items: z.array(z.object({ id: z.string(), name: z.string() })),
    next_cursor: z.null(),
  })
  .meta({ id: "SocialProviderList" })
