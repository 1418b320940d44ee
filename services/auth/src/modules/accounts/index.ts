export { type AccountRow, accountsRepository, toAccount } from "./accounts.repository.js"
export { accountsRoutes } from "./accounts.routes.js"
export { Email, PersonName, toUserView, User } from "./accounts.schemas.js"
export type { Account, AccountCredentials } from "./accounts.types.js"
