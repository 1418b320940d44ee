export {
  createEgress,
  type Egress,
  type EgressAnswer,
  type EgressOptions,
  EgressRefused,
  type OutgoingPost,
} from "./egress.js"
