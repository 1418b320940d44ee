import { CONNECTIONS } from "../connections.js"
import { floorLoad, startFloor } from "../floors/floor.js"
import { httpSubject } from "../http-subject.js"
import { broadcastSubject, markAllSubject, readSubject, streamsSubject } from "../inbox-subjects.js"
import { inboxDatabase, LARGE, OWNER, SMALL } from "../parts/inbox-data.js"
import type { Scenario } from "../scenario.js"

const [LIST, LIST_LARGE] = ["list, 1 k", "list, 100 k of 5 M"]
const [COUNT, COUNT_LARGE] = ["count, 1 k", "count, 100 k of 5 M"]
const [MARK, MARK_LARGE] = ["mark all, 1 k unread", "mark all, 1 M unread"]
const PAGE = "Express and one page of SQL"
const BROADCAST = "broadcast to 1 M users"
const [NO_STREAMS, STREAMS] = ["no streams", "5,000 streams"]
// Half again as long: DESIGN.md section 5.
const AS_FAST = 1 / 1.5

/** Making its five million notifications takes some minutes. */
export const inboxScenario = (): Scenario => ({
  name: "inbox",
  title: "Inbox",
  unit: "req",
  subjects: [
    readSubject(LIST, "", "inbox_small", SMALL),
    readSubject(LIST_LARGE, "", "inbox_large", LARGE),
    readSubject(COUNT, "/unread-count", "inbox_small", SMALL),
    readSubject(COUNT_LARGE, "/unread-count", "inbox_large", LARGE),
    markAllSubject(MARK, "inbox_small", SMALL),
    markAllSubject(MARK_LARGE, "inbox_large", LARGE),
    broadcastSubject(BROADCAST, "inbox_large", LARGE),
    streamsSubject(NO_STREAMS, 0, "inbox_small", SMALL),
    streamsSubject(STREAMS, 5_000, "inbox_small", SMALL),
    httpSubject(
      PAGE,
      async (bench) =>
        startFloor("express-page", [(await inboxDatabase(bench, "inbox_small", SMALL)).ownerUrl, OWNER]),
      floorLoad("GET", CONNECTIONS.me),
    ),
    httpSubject("Express hello", () => startFloor("express-hello"), floorLoad("GET", CONNECTIONS.me)),
  ],
  comparisons: [
    { subject: LIST_LARGE, against: LIST, by: "throughput", reach: AS_FAST },
    { subject: COUNT_LARGE, against: COUNT, by: "throughput", reach: AS_FAST },
    { subject: MARK_LARGE, against: MARK, by: "throughput", reach: AS_FAST },
    { subject: LIST, against: "Express hello", by: "throughput", reach: 0.5 },
    { subject: LIST, against: PAGE, by: "throughput" },
    { subject: PAGE, against: "Express hello", by: "throughput" },
  ],
  limits: [
    { subject: BROADCAST, by: "p99", most: 50 },
    { subject: STREAMS, by: "p99", most: 1_000 },
    { subject: STREAMS, by: "memory" },
    { subject: NO_STREAMS, by: "memory" },
  ],
})
