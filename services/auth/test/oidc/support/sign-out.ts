import type { Answer, Browser } from "../../support/relying-party.js"

/** Signs out as a client asks for it, and says whether the person was asked. */
export async function signOut(
  browser: Browser,
  params: Record<string, string>,
  method: "GET" | "POST" = "GET",
  answer: "leave" | "stay" = "leave",
): Promise<{ asked: boolean; end: Answer }> {
  const path = "/oidc/session/end"
  const first =
    method === "GET" ? browser.get(`${path}?${new URLSearchParams(params)}`) : browser.post(path, params)
  const page = await browser.follow(await first)
  const xsrf = /name="xsrf" value="(\w+)"/.exec(page.text)?.[1]
  if (!xsrf) return { asked: false, end: page }
  const asked = !page.text.includes("<script")
  const form = { xsrf, ...(answer === "leave" && { logout: "yes" }) }
  return { asked, end: await browser.follow(await browser.post(`${path}/confirm`, form)) }
}
