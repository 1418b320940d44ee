import type { Db } from "@gatepost/postgres"

/** A session as the browser in which it began knows it: the latest of its client. */
export interface BegunSession {
  id: string
  clientId: string
  scopes: string[]
  isLive: boolean
}

// A browser with more apps than this forgets some; signing out ends them all.
const LIST_LIMIT = 200

/** Sessions of the OpenID Provider by the browser, its uid, in which they began. */
export const browsersRepository = (db: Db) => ({
  async listBegun(browserUid: string): Promise<BegunSession[]> {
    const { rows } = await db.raw(
      `select distinct on (client_id) id, client_id as "clientId", scopes,
              revoked_at is null and expires_at > now() as "isLive"
       from auth.sessions where browser_uid = ? order by client_id, id desc limit ${LIST_LIMIT}`,
      [browserUid],
    )
    return rows
  },

  /** Those that live, of one client or of all. */
  async listLive(
    browserUid: string,
    clientId?: string,
  ): Promise<Pick<BegunSession, "id" | "clientId" | "scopes">[]> {
    const { rows } = await db.raw(
      `select id, client_id as "clientId", scopes from auth.sessions
       where browser_uid = :browserUid and revoked_at is null and expires_at > now()
         and (:clientId::text is null or client_id = :clientId)
       order by id`,
      { browserUid, clientId: clientId ?? null },
    )
    return rows
  },

  /** The browser forgets the sessions of a client. */
  async updateForgotten(browserUid: string, clientId: string): Promise<void> {
    await db.raw("update auth.sessions set browser_uid = null where browser_uid = ? and client_id = ?", [
      browserUid,
      clientId,
    ])
  },
})
