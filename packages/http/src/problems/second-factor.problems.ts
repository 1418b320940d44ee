import type { Entry } from "./entry.js"

/** Of second factors, step-up and passkeys. */
export const secondFactorProblems = {
  "mfa.required": {
    status: 403,
    title: "A second factor is needed",
    meaning:
      "The first factor was right. `mfa` has a challenge, how long it lives, and the methods that answer it.",
    remedy: "Ask for a code or a passkey, and send it with the challenge to `/auth/login/mfa`.",
  },
  "mfa.challenge-invalid": {
    status: 401,
    title: "The challenge is not valid",
    meaning: "The challenge is unknown, expired, used, of another app, or had too many wrong tries.",
    remedy: "Sign in from the start.",
  },
  "mfa.code-invalid": {
    status: 401,
    title: "The second factor is not right",
    meaning: "The code is wrong or was used before, or too many were tried. Which of these is not told.",
    remedy: "Wait for the next code, or use a recovery code.",
  },
  "mfa.proof-invalid": {
    status: 403,
    title: "The proof is not right",
    meaning:
      "The code or passkey of somebody who is signed in is wrong or was used before, or too many were tried.",
    remedy: "Wait for the next code, or use another proof.",
  },
  "mfa.step-up-required": {
    status: 403,
    title: "This needs a fresh proof of who you are",
    meaning: "The sign-in is too old, or was made without the account's second factor.",
    remedy:
      "Prove it at `/auth/step-up`, or by OpenID Connect with the values in `WWW-Authenticate` (RFC 9470).",
  },
  "mfa.totp-on": {
    status: 409,
    title: "Codes from an app are on already",
    meaning: "The account has an authenticator app.",
    remedy: "Turn it off first to use another one.",
  },
  "mfa.totp-not-on": {
    status: 409,
    title: "Codes from an app are not on",
    meaning: "The account has no authenticator app, or its setting up was not begun within 15 minutes.",
    remedy: "Begin with `POST /auth/mfa/totp`.",
  },
  "account.email-unverified": {
    status: 403,
    title: "The email has to be verified first",
    meaning: "Whoever proves the address later must not find a stranger's second factor or passkey.",
    remedy: "Verify the email.",
  },
  "passkey.invalid": {
    status: 401,
    title: "The passkey is not valid",
    meaning:
      "The answer is not of a known passkey, or not to an open challenge of this call. Which is not told.",
    remedy: "Ask for new options and try again.",
  },
  "passkey.registration-invalid": {
    status: 400,
    title: "The passkey can't be added",
    meaning: "What came is not a new passkey for this site, or answers no open challenge of this account.",
    remedy: "Ask for new options and try again.",
  },
  "passkey.not-found": {
    status: 404,
    title: "There is no such passkey",
    meaning: "The passkey does not exist, or is not yours.",
    remedy: "List your passkeys.",
  },
  "passkey.too-many": {
    status: 409,
    title: "There are too many passkeys",
    meaning: "An account has at most 20.",
    remedy: "Delete one that is not used any more.",
  },
  "passkey.last": {
    status: 409,
    title: "This is the only way to sign in",
    meaning: "The account has no password and no other passkey.",
    remedy: "Set a password or add another passkey first.",
  },
} as const satisfies Record<string, Entry>
