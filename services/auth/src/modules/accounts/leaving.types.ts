import type { Db } from "@gatepost/postgres"
import type { Account } from "./accounts.types.js"

/**
 * What keeps something of people elsewhere than in rows that go with their account, and has to let go of it. Called
 * in the transaction that deletes the account, while all its rows are there: what takes a network, such as giving a
 * token back to an identity provider, is a row of its own then, to be done and retried afterwards.
 */
export type Farewell = (trx: Db, account: Account) => Promise<void>

/** What a module knows of somebody, as a member of their export. */
export type Exporter = (db: Db, account: Account) => Promise<Record<string, unknown>>
