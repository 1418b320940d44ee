export { suppressionsRoutes } from "./suppressions.routes.js"
export {
  SuppressionDetailsView,
  SuppressionList,
  toSuppressionDetailsView,
  toSuppressionList,
  toSuppressionView,
} from "./suppressions.schemas.js"
