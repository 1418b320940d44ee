import { existsSync } from "node:fs"
import type { BrowserContextOptions, Page } from "playwright-core"

const CHROMIUM = "/usr/bin/chromium"
const MISSING = `${CHROMIUM} is not installed (Debian: apt-get install chromium): what needs a browser is pending`

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--no-proxy-server",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
]

/** A page with what its browser had to complain about: broken policies, scripts, requests. */
export interface WatchedPage {
  page: Page
  complaints: string[]
  close(): Promise<void>
}

export interface RealBrowser {
  open(options?: BrowserContextOptions): Promise<WatchedPage>
  close(): Promise<void>
}

/**
 * A real Chromium in which each of `servers`, such as `localhost:8000`, is at the port given.
 *
 * @param test mocha's `this`: where Chromium isn't installed the test is pending, but under `CI=true` it fails
 */
export async function realBrowser(
  test: { skip(): void },
  servers: Record<string, string>,
): Promise<RealBrowser> {
  if (!existsSync(CHROMIUM)) {
    if (process.env.CI === "true") throw new Error(MISSING)
    console.log(`      ${MISSING}`)
    test.skip()
  }
  const rules = Object.entries(servers).map(([host, url]) => `MAP ${host} ${new URL(url).host}`)
  // Here and not above: it is large, and few tests need it.
  const { chromium } = await import("playwright-core")
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [...FLAGS, `--host-resolver-rules=${rules.join(", ")}`],
  })

  return {
    async open(options = {}) {
      const context = await browser.newContext({ locale: "en-US", ...options })
      context.setDefaultTimeout(15_000)
      const page = await context.newPage()
      const complaints: string[] = []
      // An answer of 400 and more is a page like any other.
      page.on("console", (message) => {
        const isAnswer = /Failed to load resource: the server responded/.test(message.text())
        if (message.type() === "error" && !isAnswer) complaints.push(message.text())
      })
      page.on("pageerror", (error) => void complaints.push(String(error)))
      return { page, complaints, close: () => context.close() }
    },
    close: () => browser.close(),
  }
}
