import assert from "node:assert/strict"
import { languages } from "@gatepost/contracts"
import { type RealBrowser, realBrowser, type WatchedPage } from "@gatepost/testkit"
import axe from "axe-core"
import { startGallery } from "../gallery/server.js"
import { readApps } from "../support/apps.js"
import { samplesOf } from "../support/samples.js"

// A mail is an article in its program's page: rules for whole pages, such as landmarks, don't hold for it.
const AUDIT = 'axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })'

const apps = readApps()
const [first] = apps
assert.ok(first)
// Every mail of one app, and one mail of every app: only its colour and its links differ.
const paths = languages.flatMap((language) => [
  ...samplesOf(first).map((_sample, index) => `/${first.id}/${language}/${index}.html`),
  ...apps.map((app) => `/${app.id}/${language}/3.html`),
])

describe("the mails in Chromium", function () {
  this.timeout(60_000)
  let gallery: Awaited<ReturnType<typeof startGallery>>
  let browser: RealBrowser
  let watched: WatchedPage | undefined

  before(async function () {
    gallery = await startGallery(apps)
    browser = await realBrowser(this, {})
  })
  afterEach(async () => {
    await watched?.close()
    watched = undefined
  })
  after(async () => {
    await browser?.close()
    await gallery?.stop()
  })

  for (const [name, options] of Object.entries({
    "light, on a desktop": { viewport: { width: 1_200, height: 800 }, colorScheme: "light" },
    "dark, on a small phone": { viewport: { width: 320, height: 640 }, colorScheme: "dark" },
  } as const)) {
    it(`are accessible, fit, and load nothing: ${name}`, async () => {
      watched = await browser.open(options)
      const { page, complaints } = watched
      const requests: string[] = []
      page.on("request", (request) => void requests.push(new URL(request.url()).pathname))

      for (const path of paths) {
        await page.goto(gallery.url + path)
        await page.evaluate(axe.source)
        const { violations } = (await page.evaluate(AUDIT)) as axe.AxeResults
        assert.deepEqual(
          violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
          [],
          path,
        )
        const width = await page.evaluate("document.documentElement.scrollWidth")
        assert.equal(width, options.viewport.width, `${path} is too wide`)
      }
      assert.deepEqual(requests, paths)
      assert.deepEqual(complaints, [])
    })
  }

  it("are dark where their reader likes it dark", async () => {
    watched = await browser.open({ colorScheme: "dark" })
    const { page } = watched
    await page.goto(`${gallery.url}/movr/de/3.html`)
    const grounds = await page.evaluate(
      "[document.body, ...document.querySelectorAll('.card, .card > table, .code')].map((it) => getComputedStyle(it).backgroundColor)",
    )
    assert.deepEqual(grounds, ["rgb(15, 17, 21)", "rgb(26, 29, 35)", "rgb(26, 29, 35)", "rgb(15, 17, 21)"])
  })

  it("stand side by side in the gallery, as chosen", async () => {
    watched = await browser.open({})
    const { page, complaints } = watched
    await page.goto(`${gallery.url}/#app=introgy`)
    await page.check('input[value="de"]')
    await page.check('input[name="mail"][value="2"]')
    assert.equal(await page.textContent("h1"), "Neues Passwort für Introgy")
    assert.equal(new URL(page.url()).hash, "#mail=2&app=introgy&language=de")
    const frames = page.frameLocator("iframe")
    // They may still show what was chosen before.
    await frames.first().locator("h1", { hasText: "Passwort zurücksetzen" }).waitFor()
    await frames.last().locator("body", { hasText: "Hallo Ada," }).waitFor()
    assert.deepEqual(complaints, [])
  })
})
