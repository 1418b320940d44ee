import type { Request, Response } from "express"
import { REMEMBERED_SECONDS } from "../modules/second-factors/index.js"

export type RememberedDevice = ReturnType<typeof rememberedDevice>

/** What a browser keeps of being remembered (check 92: no other host can set it). */
export function rememberedDevice(publicUrl: string) {
  const secure = publicUrl.startsWith("https://")
  const name = secure ? "__Host-mfa-device" : "_mfa_device"

  return {
    read(req: Request): string | undefined {
      const pairs = (req.get("Cookie") ?? "").split("; ").map((pair) => pair.split("="))
      return pairs.find(([key]) => key === name)?.[1]
    },

    write(res: Response, token: string): void {
      const maxAge = REMEMBERED_SECONDS * 1000
      res.cookie(name, token, { httpOnly: true, sameSite: "lax", secure, path: "/", maxAge })
    },
  }
}
