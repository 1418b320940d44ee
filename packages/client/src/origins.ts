/**
 * Who a URL leads to, without the URL class, which React Native has only in parts; `undefined` for a
 * relative one.
 *
 * @throws TypeError for what is neither
 */
export function originOf(url: string): string | undefined {
  if (/^\/(?![/\\])/.test(url)) return undefined
  const origin = /^https?:\/\/[a-z0-9.:[\]_-]+(?=[/?#]|$)/i.exec(url)?.[0].toLowerCase()
  if (!origin) throw new TypeError(`not an http URL, nor a path: ${url.slice(0, 100)}`)
  return origin.replace(/^(http:.*):80$|^(https:.*):443$/, "$1$2")
}

/** @throws TypeError for anything but an origin, with a path at most */
export function readBaseUrl(baseUrl: string): string {
  if (typeof baseUrl !== "string" || !originOf(baseUrl) || /[?#\s]/.test(baseUrl)) {
    throw new TypeError("baseUrl must be an http or https URL without credentials or query")
  }
  return baseUrl.replace(/\/+$/, "")
}
