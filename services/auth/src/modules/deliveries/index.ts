export { type DeliveriesRepository, deliveriesRepository } from "./deliveries.repository.js"
export { type Deliveries, openDeliveries } from "./deliveries.service.js"
export type { Delivery, DeliveryTable, TryResult } from "./deliveries.types.js"
