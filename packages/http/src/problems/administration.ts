import type { Entry } from "./entry.js"

/** Roles, programs and webhooks: refusals of the catalogue. */
export const administration = {
  "role.unknown": {
    status: 404,
    title: "There is no such role",
    meaning: "Neither this installation nor the app has a role of this name.",
    remedy: "List the roles; an app's stand in `APPS_FILE`.",
  },
  "role.not-given": {
    status: 404,
    title: "The user does not have this role",
    meaning: "There is nothing to take away.",
    remedy: "List the user's roles.",
  },
  "role.not-allowed": {
    status: 403,
    title: "This is not for you to do to this user",
    meaning: "Nobody does this to themselves, and only admins to those who have a role of this installation.",
    remedy: "Ask another admin.",
  },
  "role.last-admin": {
    status: 409,
    title: "This is the last admin",
    meaning: "Without this user nobody could give roles. Nothing was changed.",
    remedy: "Make somebody else an admin first.",
  },
  "admin-invitation.invalid": {
    status: 400,
    title: "The invitation is not valid",
    meaning: "The link is unknown, expired or used, or there is an admin already.",
    remedy: "Have whoever runs the server make a new one: `npm run admin -- invite`.",
  },
  "service-client.taken": {
    status: 409,
    title: "There is a client of this name already",
    meaning: "An app or a service client has this `client_id`, or had it.",
    remedy: "Choose another one.",
  },
  "service-client.not-found": {
    status: 404,
    title: "There is no such service client",
    meaning: "The client does not exist, was revoked, or has no secret that could be rotated.",
    remedy: "List the service clients.",
  },
  "api-key.not-found": {
    status: 404,
    title: "There is no such API key",
    meaning: "The key does not exist, has ended, is not yours, or its owner is suspended.",
    remedy: "List your API keys; use a newer key.",
  },
  "api-key.too-many": {
    status: 409,
    title: "There are too many API keys",
    meaning: "You have 25 keys that are neither expired nor revoked.",
    remedy: "Revoke some.",
  },
  "api-key.scope-not-yours": {
    status: 403,
    title: "A key can't do more than you",
    meaning: "A scope that was asked for is not among those that your roles allow.",
    remedy: "Ask for less, or have an admin give you a role.",
  },
  "webhook.too-many": {
    status: 409,
    title: "There are too many webhooks",
    meaning: "There are 50, and each of them is told of every event.",
    remedy: "Delete some.",
  },
  "webhook.not-found": {
    status: 404,
    title: "There is no such webhook",
    meaning: "The webhook does not exist, or was deleted.",
    remedy: "List the webhooks.",
  },
} as const satisfies Record<string, Entry>
