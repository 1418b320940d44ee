export {
  type ServiceClientRecord,
  serviceClientsRepository,
} from "./service-clients.repository.js"
export { serviceClientsRoutes } from "./service-clients.routes.js"
export {
  ClientId,
  ExpiresInDays,
  Jwks,
  Name,
  OverlapSeconds,
  ServiceScopes,
} from "./service-clients.schemas.js"
export { createServiceClients, type ServiceClients } from "./service-clients.service.js"
