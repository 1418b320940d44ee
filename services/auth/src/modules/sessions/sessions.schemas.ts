import type { UserCaller } from "@gatepost/http"
import { z } from "zod"
import { DisplayName, Email, toUserView, User } from "../accounts/index.js"
import type { Apps } from "../apps/index.js"
import { PresentedPassword } from "../passwords/index.js"
import { deviceOf } from "./device.js"
import type { ListedSession } from "./sessions.repository.js"
import type { IssuedTokens } from "./sessions.types.js"

export const DeviceName = DisplayName.meta({
  description: "What the person calls this device; the User-Agent tells as far as it can if there is none",
  example: "Kim's phone",
})

export const MfaDeviceToken = z.string().max(256).meta({
  description: "Of a device that is remembered: no second factor is asked for there",
})

export const SignInBody = z
  .object({
    email: Email,
    password: PresentedPassword,
    device_name: DeviceName.optional(),
    device_token: z
      .string()
      .max(200)
      .nullable()
      .optional()
      .meta({
        description:
          "What this device was given when somebody signed in on it; null if it has none and can keep one. " +
          "Whoever sends it is kept out by no strangers' tries",
      }),
    mfa_device_token: MfaDeviceToken.optional(),
  })
  .meta({ id: "SignIn" })

// Whatever comes in a token's place is a bad token (401), not a bad request: clients know what to do then.
export const RefreshBody = z.object({ refresh_token: z.string().max(4_096) }).meta({ id: "Refresh" })

export const TokenResponse = z
  .object({
    access_token: z.string(),
    refresh_token: z.string(),
    token_type: z.literal("bearer"),
    expires_in: z.int().meta({ description: "Seconds that the access token lives" }),
    user: User,
    device_token: z.string().optional().meta({
      description: "To be kept for the next sign-in on this device; where one was asked for, and it was new",
    }),
  })
  .meta({ id: "TokenResponse" })

export const toTokenResponse = (tokens: IssuedTokens): z.input<typeof TokenResponse> => ({
  access_token: tokens.accessToken,
  refresh_token: tokens.refreshToken,
  token_type: "bearer",
  expires_in: tokens.expiresInSeconds,
  user: toUserView(tokens.account),
  ...(tokens.deviceToken && { device_token: tokens.deviceToken }),
})

export const SessionParams = z.object({ id: z.uuid() })

export const EndSessionsQuery = z.object({
  which: z.enum(["all", "others"]).default("all").meta({ description: "`others`: all but this one" }),
})

export const SessionView = z
  .object({
    id: z.uuid(),
    app: z.object({ client_id: z.string(), name: z.string() }),
    device: z.string().meta({ description: "`device_name`, else as far as the User-Agent tells" }),
    ip: z.string().optional().meta({ description: "Where it was last used to refresh, or started" }),
    created_at: z.iso.datetime(),
    last_used_at: z.iso.datetime(),
    is_current: z.boolean(),
  })
  .meta({ id: "Session" })

export const toSessionView = (
  session: ListedSession,
  { apps, caller }: { apps: Apps; caller?: UserCaller },
): z.input<typeof SessionView> => ({
  id: session.id,
  app: {
    client_id: session.clientId,
    name: apps.find(session.clientId)?.client_name ?? session.clientId,
  },
  device: session.deviceName ?? deviceOf(session.userAgent),
  ip: session.ip,
  created_at: session.createdAt.toISOString(),
  last_used_at: session.lastUsedAt.toISOString(),
  is_current: session.id === caller?.sessionId,
})

export const SessionList = z
  .object({ items: z.array(SessionView), next_cursor: z.null() })
  .meta({ id: "SessionList" })
