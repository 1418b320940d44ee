import type { Request, Response } from "express"

/** What a browser is known by when somebody signs in again (SECURITY.md section 2). */
export const DEVICE_COOKIE = "gatepost_device"

const MAX_AGE_MS = 180 * 86_400_000

export function cookiesOf(req: Request): Record<string, string> {
  const pairs = (req.headers.cookie ?? "").split("; ").map((pair) => pair.split("="))
  return Object.fromEntries(pairs.map(([name = "", value = ""]) => [name, value]))
}

/** @param path below which people sign in: the cookie goes nowhere else */
export function keepDevice(
  res: Response,
  deviceToken: string,
  publicUrl: string,
  path: "/interaction" | "/account" = "/interaction",
): void {
  res.cookie(DEVICE_COOKIE, deviceToken, {
    path,
    httpOnly: true,
    sameSite: "lax",
    secure: publicUrl.startsWith("https://"),
    maxAge: MAX_AGE_MS,
  })
}
