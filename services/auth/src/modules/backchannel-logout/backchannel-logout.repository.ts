import type { Db } from "@gatepost/postgres"
import type { DeliveryTable } from "../deliveries/index.js"

/** Told when a delivery is committed; the trigger of migration 0012 has the same name. */
export const CHANNEL = "backchannel_logout"

export interface LogoutFacts {
  /** `sub` */
  accountId: string
  /** `sid` */
  sessionId: string
}

export const LOGOUTS: DeliveryTable<LogoutFacts> = {
  name: "auth.backchannel_logouts",
  target: { column: "client_id", type: "text" },
  facts: { accountId: "account_id", sessionId: "session_id" },
}

export const backchannelLogoutRepository = (db: Db) => ({
  /** From now on these clients are told, and no others. */
  async updateClients(clientIds: readonly string[]): Promise<void> {
    await db.raw(
      `with gone as (
         delete from auth.backchannel_logout_clients where client_id <> all(:clientIds::text[])
       )
       insert into auth.backchannel_logout_clients (client_id) select unnest(:clientIds::text[])
       on conflict do nothing`,
      { clientIds },
    )
  },
})
