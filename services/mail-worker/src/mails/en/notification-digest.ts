import type { LetterOf } from "../letter.js"
import { localTime } from "./phrases.js"

/** What an app told its user since the last one, in one mail. */
export const notificationDigest: LetterOf<"notification-digest"> = ({ app, notices, more, time_zone }) => {
  const count = notices.length + more
  const summary = count === 1 ? "One new notification" : `${count} new notifications`
  return {
    subject: `${summary} from ${app.name}`,
    heading: summary,
    paragraphs: [`This is what happened at ${app.name} while you were away.`],
    notices: notices.map(({ created_at, ...notice }) => ({
      ...notice,
      time: localTime(created_at, time_zone),
    })),
    notes: [
      ...(more > 0 ? [`${more} more are waiting for you in ${app.name}.`] : []),
      `You get this summary because ${app.name} sends you its notifications by email.`,
    ],
  }
}
