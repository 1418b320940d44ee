import ipaddr from "ipaddr.js"

/** `none`: private, link-local, reserved, mapped or translated, or the metadata of a cloud. */
export type AddressRange = "public" | "loopback" | "none"

// All that IANA has given out of IPv6.
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3")
// The host agent of Azure's machines, in the middle of public space; other clouds' are link-local or private.
const AZURE_HOST = "168.63.129.16"

/** Where an IP address is, by IANA's special-purpose registries (RFC 6890). */
export function rangeOf(text: string): AddressRange {
  if (!ipaddr.isValid(text)) return "none"
  const address = ipaddr.parse(text)
  const range = address.range()
  if (range === "loopback") return "loopback"
  const isGlobal = address instanceof ipaddr.IPv6 ? address.match(GLOBAL_IPV6) : text !== AZURE_HOST
  return range === "unicast" && isGlobal ? "public" : "none"
}
