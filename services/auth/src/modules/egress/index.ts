export { createEgress, type Egress, EgressRefused } from "./egress.service.js"
