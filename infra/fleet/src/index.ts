export { type Fleet, type FleetOptions, startFleet } from "./fleet.js"
export { createMember, type Exit, type Member } from "./member.js"
export { type Backend, openSite, type Site, type SiteOptions } from "./site.js"
