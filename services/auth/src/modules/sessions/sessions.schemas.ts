import { z } from "zod"
import { Email, toUserView, User } from "../accounts/index.js"
import { PresentedPassword } from "../passwords/index.js"
import type { IssuedTokens } from "./sessions.types.js"

export const SignInBody = z.object({ email: Email, password: PresentedPassword }).meta({ id: "SignIn" })

export const RefreshBody = z.object({ refresh_token: z.string().min(1).max(512) }).meta({ id: "Refresh" })

export const TokenResponse = z
  .object({
    access_token: z.string(),
    refresh_token: z.string(),
    token_type: z.literal("bearer"),
    expires_in: z.int().meta({ description: "Seconds that the access token lives" }),
    user: User,
  })
  .meta({ id: "TokenResponse" })

export const toTokenResponse = (tokens: IssuedTokens): z.input<typeof TokenResponse> => ({
  access_token: tokens.accessToken,
  refresh_token: tokens.refreshToken,
  token_type: "bearer",
  expires_in: tokens.expiresInSeconds,
  user: toUserView(tokens.account),
})
