import type { MailContent } from "@gatepost/mail-queue"

/** The mail that everybody sends. */
export const benchMail = {
  kind: "verify-email",
  payload: {
    app: { name: "Bench", from: "hello@bench.example", color: "#4f46e5" },
    greeting_name: "Jane",
    link: "https://bench.example/v1/auth/verify-email/dGhlIHRva2VuIG9mIGEgYmVuY2htYXJrIG1haWwgLi4u",
    expires_in_minutes: 1_440,
  },
} satisfies MailContent
