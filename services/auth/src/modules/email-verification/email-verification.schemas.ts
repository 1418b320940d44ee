import { z } from "zod"
import { Email } from "../accounts/index.js"

export const RequestVerificationBody = z.object({ email: Email }).meta({ id: "RequestVerification" })

export const LinkToken = z.string().min(1).max(512)

export const ConfirmVerificationParams = z.object({ token: LinkToken })
