import { said } from "@gatepost/http"
import { z } from "zod"
import { Email } from "../accounts/index.js"
import { OneTimeCode } from "../one-time-codes/index.js"

export const SendCodeBody = z.object({ email: Email }).meta({ id: "SendVerificationCode" })

export const VerifyOtpBody = z.object({ email: Email, otp: OneTimeCode }).meta({ id: "VerifyOtp" })

export const OtpVerified = said("Email verified successfully").extend({
  verified: z.literal(true).default(true),
})
