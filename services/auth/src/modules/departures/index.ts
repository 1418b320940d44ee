export { openDepartures } from "./departures.js"
export { departuresRoutes } from "./departures.routes.js"
export type { DeparturesService } from "./departures.service.js"
export type { ExportsService } from "./exports.service.js"
