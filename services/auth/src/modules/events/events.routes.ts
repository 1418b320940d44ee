import { route } from "@gatepost/http"
import { EventList, EventsQuery, toEventView } from "./events.schemas.js"
import type { Events } from "./events.service.js"

export const eventsRoutes = (events: Events) => [
  route({
    method: "get",
    path: "/events",
    summary: "What happened to users and sessions in the last 30 days, from a place on",
    tag: "Events",
    access: { service: "events:read" },
    limit: "none",
    query: EventsQuery,
    success: { status: 200, body: EventList },
    problems: [],
    handle: async ({ query }) => {
      const page = await events.list(Number(query.after), Number(query.limit))
      const last = page.events.at(-1)?.seq
      return {
        items: page.events.map(toEventView),
        next_cursor: page.isLast || last === undefined ? null : String(last),
      }
    },
  }),
]
