import type { LookupAddress } from "node:dns"
import type { LookupFunction } from "node:net"

/** As of `node:dns/promises`. */
export interface AddressResolver {
  resolve4(host: string): Promise<string[]>
  resolve6(host: string): Promise<string[]>
}

const LOOPBACK = ["127.0.0.1", "::1"]

/** RFC 6761 section 6.3: these names are of this machine, and not for DNS to say. */
export const isLocalhost = (host: string) => /^(.+\.)?localhost\.?$/i.test(host)

/**
 * A socket's own name resolution: it connects to the very addresses that were checked, so that a name
 * can't mean something else a moment later (DNS rebinding).
 *
 * @param assertAllowed throws on an address that is not for us; one is enough to refuse the name
 */
export function checkedLookup(
  resolverOf: () => AddressResolver,
  assertAllowed: (address: string, host: string) => void,
): LookupFunction {
  return (host, { all }, callback) => {
    resolve(host).then(
      (addresses) => {
        const [first] = addresses
        if (all) callback(null, addresses)
        else callback(null, first?.address ?? "", first?.family)
      },
      (cause: NodeJS.ErrnoException) => callback(cause, ""),
    )
  }

  async function resolve(host: string): Promise<LookupAddress[]> {
    const found = isLocalhost(host) ? LOOPBACK : await resolveByDns(host)
    for (const address of found) assertAllowed(address, host)
    return found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }))
  }

  async function resolveByDns(host: string): Promise<string[]> {
    const resolver = resolverOf()
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    const found = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []))
    const failure = answers.find((answer) => answer.status === "rejected")
    if (found.length === 0) throw failure?.reason ?? new Error(`${host} has no address`)
    return found
  }
}
