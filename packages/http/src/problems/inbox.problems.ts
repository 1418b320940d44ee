import type { Entry } from "./entry.js"

/** Of the notifications API. */
export const inboxProblems = {
  "template.not-found": {
    status: 404,
    title: "There is no such template",
    meaning: "You keep no template of this name.",
    remedy: "List your templates.",
  },
  "template.too-many": {
    status: 409,
    title: "You keep too many templates",
    meaning: "A sender keeps up to 200 templates.",
    remedy: "Delete templates that you no longer use.",
  },
  "broadcast.too-many": {
    status: 409,
    title: "Too many broadcasts are not over yet",
    meaning:
      "Every inbox shows each broadcast until it expires, so there is a limit to how many there are at once.",
    remedy: "Give broadcasts an earlier `expires_at`, or wait until one is over.",
  },
  "device.not-found": {
    status: 404,
    title: "There is no such device",
    meaning: "The device does not exist, gets no notifications any more, or is not yours.",
    remedy: "List your devices.",
  },
  "notification.not-found": {
    status: 404,
    title: "There is no such notification",
    meaning: "The notification does not exist, or is not yours.",
    remedy: "List your notifications.",
  },
} as const satisfies Record<string, Entry>
