export { type AccountRow, accountsRepository, toAccount } from "./accounts.repository.js"
export { accountsRoutes } from "./accounts.routes.js"
export { DisplayName, Email, toUserView, User } from "./accounts.schemas.js"
export type { Account, AccountCredentials } from "./accounts.types.js"
export { accountsDepartureRepository } from "./accounts-departure.repository.js"
export {
  accountsTransferRepository,
  type IncomingAccount,
  type Taken,
} from "./accounts-transfer.repository.js"
export { guestEmail, isGuest, isGuestEmail } from "./guests.js"
export type { Exporter, Farewell } from "./leaving.types.js"
