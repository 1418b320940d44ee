import type { MailContent } from "@gatepost/mail-queue"

/** The mail that everybody writes. */
export const chaosMail = {
  kind: "verify-email",
  payload: {
    app: { name: "Chaos", from: "hello@chaos.example", color: "#4f46e5" },
    greeting_name: "Jane",
    link: "https://chaos.example/v1/auth/verify-email/dGhlIHRva2VuIG9mIGEgY2hhb3MgbWFpbCAuLi4",
    expires_in_minutes: 60,
  },
} satisfies MailContent

export const CHAOS_SECRET = "a secret of the chaos, long enough for all"
