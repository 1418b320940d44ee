import type { Entry } from "./entry.js"

/** Of sign-ins that the owner is asked about, and of leaving. */
export const accountLifeProblems = {
  "sign-in-approval.token-invalid": {
    status: 400,
    title: "The link is not valid",
    meaning: "The link is unknown, expired or used.",
    remedy: "Try to sign in again; at most once an hour there is another mail.",
  },
  "account-deletion.proof-needed": {
    status: 403,
    title: "This needs a fresh proof of who you are",
    meaning: "The call came without a password, and the last sign-in is longer ago than five minutes.",
    remedy: "Send the password, or sign in again.",
  },
  "account-deletion.token-invalid": {
    status: 400,
    title: "The link is not valid",
    meaning: "The link is unknown, or the account is no longer about to be deleted.",
    remedy: "Register again if the account is gone.",
  },
} as const satisfies Record<string, Entry>
