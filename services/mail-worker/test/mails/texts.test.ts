import assert from "node:assert/strict"
import { InvalidMailError, type MailContent } from "@gatepost/mail-queue"
import fc from "fast-check"
import { renderMail } from "#src/mails/index.js"
import { asText } from "../support/as-text.js"

const app = { name: "Movr", from: "hello@movr.example", color: "#ea580c" }
const link = "movr://reset-password?token=a-token&next=%2Fhome"

const render = (more: object = {}, locale = "en") =>
  renderMail(
    { kind: "reset-password", payload: { app, link, expires_in_minutes: 60, ...more } } as MailContent,
    locale,
  )

describe("the texts of a mail", () => {
  it("say when a link expires, in words", () => {
    const lines = (locale: string, pattern: RegExp) =>
      [60, 1_440, 10, 90, 1].map(
        (expires_in_minutes) => pattern.exec(render({ expires_in_minutes }, locale).text)?.[1],
      )
    const english = ["1 hour", "24 hours", "10 minutes", "90 minutes", "1 minute"]
    assert.deepEqual(lines("en", /The link expires in (.*) and works once/), english)
    const german = ["1 Stunde", "24 Stunden", "10 Minuten", "90 Minuten", "1 Minute"]
    assert.deepEqual(lines("de", /Der Link gilt (.*) und nur einmal/), german)
  })

  it("say when something happened, with the time zone", () => {
    const payload = { app, changed_at: "2026-11-21T02:23:00Z" }
    const text = (locale: string) =>
      renderMail({ kind: "password-changed", payload }, locale).text.replaceAll("\n", " ")
    assert.match(text("en"), /on 21 November 2026 at 02:23 UTC/)
    assert.match(text("de"), /am 21\. November 2026 um 02:23 UTC/)
  })

  // Checks 30 and 104.
  it("show what somebody typed as they typed it, and never as markup or as a template", () => {
    const typed = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 20 }),
      fc.constantFrom(
        "<b>Jane",
        "{{0}}",
        "{{7*7}}",
        "\u0024{7*7}",
        "\u0024&",
        "\"'&<!--",
        "<img src=x onerror=alert(1)>",
      ),
      fc.constantFrom("</style><style>", "<mj-include path=x>", "&lt;b&gt;", "%s", "\ue000", "<![CDATA[x]]>"),
    )
    fc.assert(
      fc.property(typed, typed, (greeting_name, name) => {
        const plain = render({ app: { ...app, name: "An app" } })
        const { html, text, subject } = render({ greeting_name, app: { ...app, name } })
        const tags = (page: string) => page.match(/<[^>]*>/g)?.length
        const elsewhere = /aria-label="[^"]*"/
        assert.equal(tags(html.replace(elsewhere, "")), tags(plain.html.replace(elsewhere, "")))
        const [, greeting = ""] = text.split("\n\n")
        assert.ok(asText(html).includes(greeting.replaceAll("\n", " ")))
        assert.ok(asText(html).includes(subject))
      }),
    )
  })

  // Check 103.
  it("keep a name and a subject on one line and short", () => {
    const greeting_name = `Ja\r\nne\u2028\0\u202e${"x".repeat(10_000)}`
    assert.match(render({ greeting_name }).text, /\n\nHello Ja ne x{50,60},\n\n/)

    const { subject } = render({ app: { ...app, name: "Movr\r\nBcc: eve@evil.example" } })
    assert.equal(subject, "Reset your Movr Bcc: eve@evil.example password")
  })

  // Check 30.
  it("greet nobody whose name a mail program would make a link of", () => {
    const hostile = [
      "https://evil.example/x",
      "evil.example",
      "www.evil",
      "eve@evil.example",
      "//evil",
      "tel:1",
    ]
    for (const greeting_name of [...hostile, "evil\u3002example", "evil\uff0eexample", "\\\\evil"]) {
      const { html, text } = render({ greeting_name })
      assert.match(text, /\n\nHello,\n\n/)
      assert.doesNotMatch(html + text, /evil|tel:/)
    }
    for (const greeting_name of ["J.R.R.", "Anne-Marie", "O’Neill", "Дмитрий", "花子", "Jr."]) {
      assert.ok(render({ greeting_name }).text.includes(`Hello ${greeting_name},`))
    }
  })

  for (const bad of ["javascript:alert(1)", "data:text/html,x", "no link", "", "vbscript:x"]) {
    it(`are not sent with the link ${JSON.stringify(bad)}`, () => {
      assert.throws(() => render({ link: bad }), InvalidMailError)
    })
  }

  it("wrap at any length of a word", () => {
    const name = `${"w".repeat(90)} ${"x ".repeat(60)}`
    const { text } = render({ app: { ...app, name } })
    for (const line of text.split("\n")) assert.ok(line.length <= 78 || !line.includes(" "), line)
    assert.ok(text.includes("w".repeat(90)))
  })
})

describe("the colours of a mail", () => {
  it("are none that a style would take for more than a colour", () => {
    for (const color of ["red;background:url(//evil.example)", "#fff", "", "#12345g", "#4f46e5;x"]) {
      assert.match(render({ app: { ...app, color } }).html, /bgcolor="#2f3b4a"/)
    }
  })

  it("let a button be read, whatever the app’s colour", () => {
    const channel = fc.integer({ min: 0, max: 255 })
    fc.assert(
      fc.property(fc.tuple(channel, channel, channel), (rgb) => {
        const color = `#${rgb.map((value) => value.toString(16).padStart(2, "0")).join("")}`
        const { html } = render({ app: { ...app, color } })
        const [, ground = "", ink = ""] =
          /display:inline-block;background:(#\w{6});color:(#\w{6})/.exec(html) ?? []
        assert.equal(ground, color)
        assert.ok(contrast(ground, ink) >= 4.5, `${ink} on ${ground}`)
      }),
    )
  })
})

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(...colors: [string, string]): number {
  const [dark = 0, light = 0] = colors
    .map((color) => {
      const [red = 0, green = 0, blue = 0] = (color.slice(1).match(/../g) ?? []).map((pair) => {
        const share = Number.parseInt(pair, 16) / 255
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    })
    .sort((one, other) => one - other)
  return (light + 0.05) / (dark + 0.05)
}
