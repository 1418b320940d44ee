export { type EventRecord, eventsRepository } from "./events.repository.js"
export { eventsRoutes } from "./events.routes.js"
export { EventPosition, EventType, toEventBody } from "./events.schemas.js"
export { createEvents, type Events } from "./events.service.js"
