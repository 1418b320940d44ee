export { createEgress, type Egress, type EgressOptions, EgressRefused } from "./egress.service.js"
