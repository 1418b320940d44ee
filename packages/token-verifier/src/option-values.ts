// How options are read: each throws a TypeError that names the one that cannot work.

export function text(name: string, value: string): string {
  if (typeof value !== "string" || value === "") throw new TypeError(`${name} must be a non-empty string`)
  return value
}

export function number(name: string, value: number, least: number): number {
  if (!Number.isFinite(value) || value < least) throw new TypeError(`${name} must be a number from ${least}`)
  return value
}

/** A URL, or a path at the issuer's origin. */
export function httpUrl(name: string, value: string, issuer: string): string {
  if (!URL.canParse(value, issuer)) throw new TypeError(`${name} must be a URL, or the issuer one`)
  const url = new URL(value, issuer)
  if (!/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new TypeError(`${name} must be an http or https URL without credentials`)
  }
  return url.href
}
