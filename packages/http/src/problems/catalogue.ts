import { accountLifeProblems } from "./account-life.problems.js"
import { administration } from "./administration.js"
import type { Entry } from "./entry.js"
import { inboxProblems } from "./inbox.problems.js"
import { secondFactorProblems } from "./second-factor.problems.js"
import { socialProblems } from "./social.problems.js"

/**
 * Every refusal there is (ADR 0002). Codes are append-only: clients rely on them. A code names the
 * situation, never more than the caller may know.
 */
export const catalogue = {
  "request.malformed": {
    status: 400,
    title: "The request could not be read",
    meaning: "The body is not JSON in UTF-8, or a member, header or parameter comes twice or has no form.",
    remedy: "Send one JSON object in UTF-8, without NUL characters, duplicate members or deep nesting.",
  },
  "request.invalid": {
    status: 400,
    title: "The request has invalid fields",
    meaning: "The request was read, but the fields named in `errors` are not as this call needs them.",
    remedy: "Correct the fields; `errors[].pointer` says where (RFC 6901).",
  },
  "request.too-large": {
    status: 413,
    title: "The request body is too large",
    meaning: "The body, unpacked, is larger than this call takes.",
    remedy: "Send less.",
  },
  "request.media-type-unsupported": {
    status: 415,
    title: "The request body must be JSON",
    meaning: "The Content-Type is not `application/json` in UTF-8, or the Content-Encoding is unknown.",
    remedy: "Send `Content-Type: application/json`.",
  },
  "request.not-found": {
    status: 404,
    title: "There is nothing here",
    meaning: "No call has this path.",
    remedy: "See `/openapi.json` for the calls there are.",
  },
  "request.method-not-allowed": {
    status: 405,
    title: "This path has no such method",
    meaning: "The path exists, with other methods.",
    remedy: "Use a method named in the `Allow` header.",
  },
  "request.host-unknown": {
    status: 421,
    title: "This server does not answer for that host",
    meaning: "The Host header is neither that of the public URL nor of an app.",
    remedy: "Use the public URL; operators set `PUBLIC_URL` and each app's `hosts`.",
  },
  "request.too-many": {
    status: 429,
    title: "Too many requests",
    meaning: "A limit on this call was reached.",
    remedy: "Wait for the seconds named in `Retry-After`.",
  },
  "idempotency.mismatch": {
    status: 422,
    title: "This Idempotency-Key was used with another body",
    meaning: "The key names an earlier request whose body differs from this one's. Nothing was done.",
    remedy: "Use a new key for a new request.",
  },
  "server.unexpected": {
    status: 500,
    title: "Something went wrong on our side",
    meaning: "A fault of the server. It is logged under the request id in `instance`.",
    remedy: "Try again later; quote the request id when you report it.",
  },
  "server.unavailable": {
    status: 503,
    title: "The service can't answer right now",
    meaning: "The database, or another part that this call needs, is away. Nothing was changed.",
    remedy: "Try again after the seconds named in `Retry-After`.",
  },
  "server.busy": {
    status: 503,
    title: "The service is busy",
    meaning: "More passwords wait to be checked than can be within two seconds. Nothing was changed.",
    remedy: "Try again after the seconds named in `Retry-After`.",
  },
  "token.missing": {
    status: 401,
    title: "An access token is needed",
    meaning: "The call has no `Authorization: Bearer` header.",
    remedy: "Sign in and send the access token.",
  },
  "token.invalid": {
    status: 401,
    title: "The access token is not valid",
    meaning: "The token is expired, revoked, meant for somebody else, or not ours.",
    remedy: "Refresh the session; if that fails, sign in again.",
  },
  "token.scope-missing": {
    status: 403,
    title: "The access token does not allow this",
    meaning: "The token is valid, but lacks the scope this call needs, or is of the wrong kind of caller.",
    remedy: "Use a token with the scope named in `WWW-Authenticate`.",
  },
  "account.email-taken": {
    status: 409,
    title: "An account with this email exists already",
    meaning: "Emails are compared without regard to case.",
    remedy: "Log in, or reset the password.",
  },
  "session.credentials-invalid": {
    status: 401,
    title: "Invalid email or password",
    meaning: "No account has this email and password. Which of the two is wrong is not told.",
    remedy: "Try again, or reset the password.",
  },
  "session.refresh-invalid": {
    status: 401,
    title: "The refresh token is not valid",
    meaning: "The token is unknown, expired, already used, or its session has ended.",
    remedy: "Sign in again.",
  },
  "email-verification.token-invalid": {
    status: 400,
    title: "The verification link is not valid",
    meaning: "The link is unknown, expired, or was used before.",
    remedy: "Ask for a new verification mail.",
  },
  "password.reset-token-invalid": {
    status: 400,
    title: "The reset link is not valid",
    meaning: "The link is unknown, expired, or was used before.",
    remedy: "Ask for a new reset mail.",
  },
  "session.not-found": {
    status: 404,
    title: "There is no such session",
    meaning: "The session does not exist, has ended, or is not yours.",
    remedy: "List your sessions.",
  },
  "mail.not-found": {
    status: 404,
    title: "There is no such mail",
    meaning: "The mail does not exist, or was forgotten after `MAIL_RETENTION_DAYS`.",
    remedy: "List the mails.",
  },
  "mail.not-resendable": {
    status: 409,
    title: "The mail can't be sent again",
    meaning: "The mail is on its way, was sent, or its time is over.",
    remedy: "Look at its timeline; for an expired one have its cause make a new one.",
  },
  "mail.not-uncertain": {
    status: 409,
    title: "The mail is not uncertain",
    meaning: "Only a mail of which nobody can know whether it arrived needs to be closed.",
    remedy: "Look at its timeline.",
  },
  "suppression.not-found": {
    status: 404,
    title: "This address is not suppressed",
    meaning: "The address gets mail; for a look at its history: no operator ever decided about it.",
    remedy: "List the suppressions.",
  },
  "password.reset-token-used": {
    status: 400,
    title: "The reset link was used already",
    meaning: "The link did its work, or another one of the same account did: one reset ends them all.",
    remedy: "Log in with the new password, or ask for a new reset mail.",
  },
  "password.reset-token-expired": {
    status: 400,
    title: "The reset link is too old",
    meaning: "The link's time is over, or three newer ones were asked for.",
    remedy: "Ask for a new reset mail.",
  },
  "password.mismatch": {
    status: 400,
    title: "Passwords do not match",
    meaning: "The password and its confirmation differ. Nothing was changed.",
    remedy: "Send the same password twice.",
  },
  "one-time-code.invalid": {
    status: 400,
    title: "The code is not valid",
    meaning: "The code is wrong, expired, used, or had too many wrong tries. Which of these is not told.",
    remedy: "Look at the newest mail, or ask for a new code.",
  },
  "user.not-found": {
    status: 404,
    title: "There is no such user",
    meaning: "Nobody has this email or id.",
    remedy: "Look at the spelling; do not try many: the call is limited.",
  },
  "password.current-wrong": {
    status: 403,
    title: "The current password is not right",
    meaning: "This call needs the password again, and it was another one. Nothing was changed.",
    remedy: "Try again, or reset the password.",
  },
  "email-change.token-invalid": {
    status: 400,
    title: "The link is not valid",
    meaning: "The link is unknown, expired or used, or the address was taken meanwhile.",
    remedy: "Ask for the change again.",
  },
  "client.not-allowed-here": {
    status: 403,
    title: "This app gets no tokens by this call",
    meaning: "The app is somebody else's, has a secret, or binds its tokens to a key.",
    remedy: "Sign in by OpenID Connect: the token endpoint asks for what this app has to prove.",
  },
  ...inboxProblems,
  ...administration,
  ...secondFactorProblems,
  ...socialProblems,
  ...accountLifeProblems,
} as const satisfies Record<string, Entry>

export type ProblemCode = keyof typeof catalogue
