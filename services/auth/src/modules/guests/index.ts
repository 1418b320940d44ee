export { guestsRoutes } from "./guests.routes.js"
export { createGuestsService, type GuestsService } from "./guests.service.js"
