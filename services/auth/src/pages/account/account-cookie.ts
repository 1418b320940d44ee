import type { CookieOptions, Request, Response } from "express"

export type AccountCookie = ReturnType<typeof accountCookie>

/** The session of whoever manages their account in this browser: an access token that no script can read. */
export function accountCookie(publicUrl: string) {
  const secure = publicUrl.startsWith("https://")
  const name = secure ? "__Host-account" : "_account"
  const options: CookieOptions = { httpOnly: true, sameSite: "lax", secure, path: "/" }

  return {
    read(req: Request): string | undefined {
      const pairs = (req.get("Cookie") ?? "").split("; ").map((pair) => pair.split("="))
      return pairs.find(([key]) => key === name)?.[1]
    },
    write: (res: Response, token: string): void => void res.cookie(name, token, options),
    clear: (res: Response): void => void res.clearCookie(name, options),
  }
}
