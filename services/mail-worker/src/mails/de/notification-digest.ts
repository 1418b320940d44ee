import type { LetterOf } from "../letter.js"
import { localTime } from "./phrases.js"

export const notificationDigest: LetterOf<"notification-digest"> = ({ app, notices, more, time_zone }) => {
  const count = notices.length + more
  const summary = count === 1 ? "Eine neue Mitteilung" : `${count} neue Mitteilungen`
  return {
    subject: `${summary} von ${app.name}`,
    heading: summary,
    paragraphs: [`Das ist bei ${app.name} geschehen, während Sie weg waren.`],
    notices: notices.map(({ created_at, ...notice }) => ({
      ...notice,
      time: localTime(created_at, time_zone),
    })),
    notes: [
      ...(more > 0 ? [`${more} weitere warten in ${app.name} auf Sie.`] : []),
      `Sie erhalten diese Übersicht, weil ${app.name} Ihnen Mitteilungen per E-Mail schickt.`,
    ],
  }
}
