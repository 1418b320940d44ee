import assert from "node:assert/strict"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { realBrowser } from "@gatepost/testkit"
import { buildSite } from "#src/build.js"
import { readPages } from "#src/pages.js"

const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".css": "text/css",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
}

describe("the site of the documentation", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "gatepost-site-"))
  const html = new Map<string, string>()

  before(() => {
    buildSite(folder)
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }))
      if (file.endsWith(".html"))
        html.set(file.split(path.sep).join("/"), readFileSync(path.join(folder, file), "utf8"))
  })
  after(() => rmSync(folder, { recursive: true }))

  it("has every page, and a way to each from every other", () => {
    const pages = readPages()
    assert.ok(pages.length > 80, String(pages.length))
    assert.equal(html.size, pages.length + 1)
    for (const [url, text] of html) {
      const [, nav = ""] = /<nav aria-label="All pages">(.*?)<\/nav>/s.exec(text) ?? []
      assert.equal(new Set(nav.match(/<li><a href="[^"#]+"/g)).size, pages.length, url)
    }
  })

  it("has no dead link, no dead anchor, and asks nothing of another server", () => {
    const ids = new Map(
      [...html].map(([url, text]) => [
        url,
        new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)),
      ]),
    )
    const dead: string[] = []
    let links = 0
    for (const [url, text] of html) {
      for (const [tag, , name, target = ""] of text.matchAll(/<(\w+)[^>]*? (href|src)="([^"]*)"/g)) {
        if (/^(https?:)?\/\//.test(target)) {
          if (!tag?.startsWith("<a ")) dead.push(`${url} loads ${target}`)
          continue
        }
        if (target === "" || /^(mailto|tel):/.test(target)) continue
        links++
        const [file = "", anchor] = target.split("#")
        const there = file === "" ? url : path.posix.join(path.posix.dirname(url), decodeURI(file))
        if (!existsSync(path.join(folder, there)) || there.endsWith("/"))
          dead.push(`${url}: ${name} ${target}`)
        else if (anchor && !ids.get(there)?.has(decodeURIComponent(anchor)))
          dead.push(`${url}: no anchor ${target}`)
      }
      assert.doesNotMatch(text, /@import|url\(/)
    }
    assert.deepEqual(dead, [])
    assert.ok(links > 5_000, String(links))
  })

  describe("in a browser", function () {
    this.timeout(60_000)
    let server: Server
    let browser: Awaited<ReturnType<typeof realBrowser>>

    before(async function () {
      server = createServer((req, res) => {
        const file = path.join(folder, new URL(req.url ?? "", "http://x").pathname)
        if (!existsSync(file)) {
          res.writeHead(404).end()
          return
        }
        res
          .writeHead(200, { "Content-Type": TYPES[path.extname(file)] ?? "text/plain" })
          .end(readFileSync(file))
      })
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      browser = await realBrowser(this, {})
    })
    after(async () => {
      await browser?.close()
      server.close()
    })
    const at = (url: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${url}`

    it("says what it is and how it starts on the first screen, and finds what is asked for", async () => {
      const { page, complaints, close } = await browser.open({ viewport: { width: 1280, height: 800 } })
      await page.goto(at("index.html"))
      for (const text of ["npm start", "npm test", "self-hosted identity service"]) {
        const box = await page.getByText(text).first().boundingBox()
        assert.ok(box && box.y + box.height < 800, text)
      }
      await page.getByLabel("Search").fill("revocation feed")
      await page.locator(".search li a").first().click()
      assert.match(await page.locator("h1").innerText(), /revo/i)
      assert.deepEqual(complaints, [])
      await close()
    })

    it("fits a phone, whose page never scrolls sideways, by day and by night", async () => {
      const { page, complaints, close } = await browser.open({
        viewport: { width: 375, height: 700 },
        colorScheme: "dark",
      })
      for (const url of [
        "index.html",
        "start.html",
        "docs/bounds.html",
        "docs/security-standard.html",
        "docs/operations/backup.html",
      ]) {
        await page.goto(at(url))
        assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 375, url)
      }
      const paper = () => page.evaluate<string>("getComputedStyle(document.documentElement).backgroundColor")
      const night = await paper()
      await page.emulateMedia({ colorScheme: "light" })
      assert.notEqual(await paper(), night)
      await page.getByText("All pages").click()
      await page.getByRole("link", { name: "Getting started" }).click()
      assert.equal(await page.locator("h1").innerText(), "Gatepost")
      assert.deepEqual(complaints, [])
      await close()
    })
  })
})
