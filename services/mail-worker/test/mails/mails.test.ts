import assert from "node:assert/strict"
import { languages } from "@gatepost/contracts"
import { renderMail } from "#src/mails/index.js"
import { readApps } from "../support/apps.js"
import { asText } from "../support/as-text.js"
import { samplesOf } from "../support/samples.js"

const UNSUBSCRIBE = "https://movr.example/unsubscribe?for=a&token=b"

const rendered = readApps().flatMap((app) =>
  samplesOf(app).flatMap(({ name, content }) =>
    languages.map((language) => ({
      title: `${name}, of ${app.name}, in ${language}`,
      app,
      payload: content.payload,
      asked: language,
      ...renderMail(content, language),
    })),
  ),
)

describe("every mail, of each app and in each language", () => {
  it("speaks one language, and names its app", () => {
    for (const { title, app, asked, language, subject, html, text } of rendered) {
      assert.equal(language, asked, title)
      assert.match(html, new RegExp(`<html lang="${language}"`), title)
      assert.ok(subject.includes(app.name), title)
      assert.match(text, language === "de" ? /^Hallo Ada,$/m : /^Hello Ada,$/m, title)
    }
  })

  it("says the same in HTML and in plain text", () => {
    for (const { title, html, text } of rendered) {
      const page = asText(html).replace(/\s+/g, " ")
      for (const paragraph of text.split("\n\n").filter((part) => !part.startsWith("-- "))) {
        const said = paragraph.replace(/:\n.*/, "").replaceAll("\n", " ")
        assert.ok(page.includes(said), `${title}: ${said} is missing in the HTML`)
      }
    }
  })

  it("carries its link as a button and as text, whatever the app’s scheme", () => {
    for (const { title, payload, html, text } of rendered) {
      if (!("link" in payload) || payload.link === undefined) continue
      assert.ok(text.split("\n").includes(payload.link), title)
      assert.equal(html.split(`href="${payload.link.replaceAll("&", "&amp;")}"`).length, 3, title)
      assert.ok(asText(html).split("\n").includes(payload.link), title)
    }
  })

  it("carries its code in both parts, where it has one", () => {
    for (const { title, payload, html, text } of rendered) {
      const digits = "code" in payload ? [payload.code?.digits] : []
      for (const part of [text, asText(html)])
        assert.deepEqual(part.match(/^\d{6,8}$/gm) ?? [], digits, title)
    }
  })

  it("has lines that fit, but for links", () => {
    for (const { title, text } of rendered) {
      const long = text.split("\n").filter((line) => line.length > 78 && !URL.canParse(line))
      assert.deepEqual(long, [], title)
    }
  })

  it("is laid out in tables for Outlook, which are none to a screen reader", () => {
    for (const { title, html } of rendered) {
      assert.match(html, /<!--\[if mso \| IE\]><table[^>]* width="568"/, title)
      for (const [table] of html.matchAll(/<table[^>]*>/g)) assert.match(table, /role="presentation"/, title)
    }
  })

  it("loads nothing from elsewhere, runs nothing, and has no gap", () => {
    for (const { title, html, text } of rendered) {
      assert.doesNotMatch(html, /<(img|script|link|iframe|form)|src=|url\(|@import/, title)
      assert.doesNotMatch(html + text, /\{\{|\}\}|\ue000|undefined|\[object/, title)
    }
  })
})

describe("a mail", () => {
  const [app] = readApps()
  assert.ok(app)

  it("has its own words in each language", () => {
    for (const { name, content } of samplesOf(app)) {
      const [english, german] = languages.map((language) => renderMail(content, language))
      const common = english?.text.split("\n\n").filter((part) => german?.text.split("\n\n").includes(part))
      assert.deepEqual(
        // What an app wrote is in the app's language.
        common?.filter((part) => !/^\d+$/.test(part) && !JSON.stringify(content.payload).includes(part)),
        [],
        name,
      )
    }
  })

  it("is in English where the language is none of ours", () => {
    for (const locale of ["xx-YY", undefined, "", "nonsense!"]) {
      for (const { content } of samplesOf(app)) assert.equal(renderMail(content, locale).language, "en")
    }
  })

  it("is in the language of a region", () => {
    for (const { content } of samplesOf(app)) assert.equal(renderMail(content, "de-AT").language, "de")
  })

  it("greets a stranger without a name", () => {
    for (const { content } of samplesOf(app)) {
      const { greeting_name: _name, ...payload } = content.payload
      const { text } = renderMail({ ...content, payload } as typeof content, "en")
      assert.match(text, /\n\nHello,\n\n/)
    }
  })

  it("offers to unsubscribe where there is something to unsubscribe from", () => {
    for (const { content } of samplesOf(app)) {
      assert.doesNotMatch(renderMail(content, "en").text, /Unsubscribe/)
      const payload = { ...content.payload, unsubscribe_url: UNSUBSCRIBE }
      const { html, text } = renderMail({ ...content, payload } as typeof content, "en")
      assert.ok(text.endsWith(`\nUnsubscribe:\n${UNSUBSCRIBE}\n`))
      assert.ok(html.includes(`href="${UNSUBSCRIBE.replace("&", "&amp;")}"`))
    }
  })
})
