export { factsRoutes } from "./facts.routes.js"
export { createFactsService, type FactsService, type Notice } from "./facts.service.js"
