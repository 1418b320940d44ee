export { devicesRepository, toDevice } from "./devices.repository.js"
export { devicesRoutes } from "./devices.routes.js"
export { createDevicesService, type DevicesService } from "./devices.service.js"
export { type Device, type DeviceKind, deviceKinds } from "./devices.types.js"
