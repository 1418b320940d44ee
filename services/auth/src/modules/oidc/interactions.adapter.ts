import type { Limiter } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import type { Adapter } from "oidc-provider"
import { accountsRepository } from "../accounts/index.js"
import { artifactsAdapter } from "./artifacts.adapter.js"

/** What a person is asked, and has answered. Its id is no secret: it is part of the page's address. */
export function interactionsAdapter(deps: { database: Database; limiter: Limiter }): Adapter {
  const interactions = artifactsAdapter("Interaction", deps, (id) => id)
  const accounts = accountsRepository(deps.database.db)

  return {
    ...interactions,
    async find(id) {
      const interaction = await interactions.find(id)
      const { login } = interaction?.result ?? {}
      // A password that was proved before a reset proves nothing when the browser goes on after it (check 54).
      if (login && !(await accounts.isSignedInSince(login.accountId, login.ts ?? 0)))
        delete interaction?.result
      return interaction
    },
  }
}
