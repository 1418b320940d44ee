export { type Fleet, type FleetOptions, startFleet } from "./fleet.js"
export { createMember, type Member } from "./member.js"
export { type Backend, openSite, type Site } from "./site.js"
