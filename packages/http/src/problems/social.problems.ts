import type { Entry } from "./entry.js"

/** Of sign-in with providers, by mail, and as a guest. */
export const socialProblems = {
  "social.provider-unknown": {
    status: 404,
    title: "There is no such provider",
    meaning: "The app does not offer sign-in with this provider.",
    remedy: "List the providers at `GET /v1/auth/social`; operators set `SOCIAL_PROVIDERS`.",
  },
  "social.provider-unavailable": {
    status: 503,
    title: "The provider can't be reached",
    meaning: "The provider did not answer, or answered with a fault of its own. Nothing was changed.",
    remedy: "Try again, or sign in by another way.",
  },
  "social.sign-in-invalid": {
    status: 400,
    title: "This sign-in can't be used",
    meaning:
      "What the provider gave is forged, meant for somebody else, too old, used before, or was begun elsewhere; or the account may not sign in. Which of these is not told.",
    remedy: "Begin again.",
  },
  "social.email-unverified": {
    status: 403,
    title: "The provider does not vouch for an email",
    meaning: "A new account needs an address that the provider has verified, and this one has none to tell.",
    remedy: "Verify the address at the provider and allow it to be told, or register here.",
  },
  "social.email-taken": {
    status: 409,
    title: "An account with this email exists already",
    meaning: "Who has the address here is not for this provider to say.",
    remedy: "Sign in as before, then link the provider at `POST /v1/users/me/identities/{provider}/link`.",
  },
  "identity.taken": {
    status: 409,
    title: "Somebody signs in with this already",
    meaning: "The provider's account is linked to another account here.",
    remedy: "Sign in with it, and unlink it there first.",
  },
  "identity.email-unverified": {
    status: 403,
    title: "Verify your email first",
    meaning: "Nobody has proved yet whose account this is, so nothing more can be linked to it.",
    remedy: "Verify the address by the link or code of the mail.",
  },
  "identity.too-many": {
    status: 409,
    title: "Too many are linked",
    meaning: "The account has as many providers linked as it can have.",
    remedy: "Unlink one first.",
  },
  "identity.redirect-uri-unknown": {
    status: 400,
    title: "This is none of the app's redirect URIs",
    meaning: "The `redirect_uri` is not registered for the app that asks, character by character.",
    remedy: "Use one of the app's `redirect_uris` in `APPS_FILE`.",
  },
  "identity.not-found": {
    status: 404,
    title: "There is no such identity",
    meaning: "The identity does not exist, or is not yours.",
    remedy: "List your identities.",
  },
  "identity.last-way-in": {
    status: 409,
    title: "This is the last way in",
    meaning: "Without it nobody could sign in to the account any more. Nothing was changed.",
    remedy: "Set a password by the forgot-password mail, or link something else first.",
  },
  "sign-in-link.invalid": {
    status: 400,
    title: "This link or code does not sign in",
    meaning:
      "It is wrong, expired, used, had too many wrong tries, or was asked for on another device. Which of these is not told.",
    remedy: "Use the newest mail where you asked for it, or ask for another.",
  },
  "guest.not-welcome": {
    status: 403,
    title: "This app has no guests",
    meaning: "The app does not let people begin without an address.",
    remedy: "Register; operators set the app's `guests`.",
  },
  "guest.not-one": {
    status: 409,
    title: "This account is no guest's",
    meaning: "The account has an address already.",
    remedy: "Change it at `POST /v1/users/me/email`.",
  },
} as const satisfies Record<string, Entry>
