/**
 * The roles that count in a session, as text `<client id, or *> <role>` each.
 *
 * @param accountId and `clientId`: SQL, never input
 */
export const roleGrantsOf = (accountId: string, clientId: string): string =>
  `array(select g.client_id || ' ' || g.role from auth.role_grants g
     where g.account_id = ${accountId} and g.client_id in ('*', ${clientId}))`
