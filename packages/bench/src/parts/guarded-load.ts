import { CONNECTIONS } from "../connections.js"
import type { PrepareLoad } from "../http-subject.js"

/**
 * What every protected route is asked, and the unprotected one too, so that reading the header is no difference.
 *
 * @param tokens how many different ones, in a circle
 */
export const guardedLoad =
  (tokens: number): PrepareLoad =>
  async ({ url }, bench) => {
    const { issueToken } = await bench.keyServer()
    return {
      url: `${url}/`,
      method: "GET",
      headers: { Authorization: "Bearer {token}" },
      tokens: { kind: "cycle", values: Array.from({ length: tokens }, issueToken) },
      expect: 200,
      connections: CONNECTIONS.protectedRoute,
    }
  }
