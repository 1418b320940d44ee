import type { Request, Response } from "express"

/** A cookie that binds what a browser began to this browser: sent with links that lead here, and to no script. */
export interface BrowserSecret {
  read(req: Request): string | undefined
  keep(res: Response, value: string): void
}

/** @param name without its prefix; `form` is what a value has to look like to be one of ours */
export function browserSecret(options: {
  name: string
  form: RegExp
  isSecure: boolean
  seconds: number
}): BrowserSecret {
  const { form, isSecure, seconds } = options
  const name = `${isSecure ? "__Host-" : "_"}${options.name}`

  return {
    read(req) {
      const pairs = (req.headers.cookie ?? "").split(/; */).map((pair) => pair.split("="))
      const value = pairs.find(([key]) => key === name)?.[1]
      return value && form.test(value) ? value : undefined
    },
    keep(res, value) {
      const maxAge = seconds * 1000
      res.cookie(name, value, { httpOnly: true, sameSite: "lax", secure: isSecure, path: "/", maxAge })
    },
  }
}
