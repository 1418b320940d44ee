export { batteryRoutes } from "./battery.routes.js"
export {
  ActivityQuery,
  ActivityView,
  BatteryParams,
  BatteryView,
  InteractionView,
  RecordBody,
} from "./battery.schemas.js"
export { type BatteryService, createBatteryService } from "./battery.service.js"
