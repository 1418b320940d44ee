import assert from "node:assert/strict"
import { isSingleAddress } from "#src/address.js"

// Check 102; what each of these does to a mail library is in SECURITY.md M16.
const refused = [
  "",
  "jane",
  "@example.com",
  "jane@",
  "jane@example.com,eve@evil.example",
  "jane@example.com;eve@evil.example",
  "jane@example.com eve@evil.example",
  "Jane <jane@example.com>",
  '"Jane <eve@evil.example>" <jane@example.com>',
  "group:jane@example.com;",
  "jane@example.com\r\nBcc: eve@evil.example",
  "jane@example.com\u2028eve@evil.example",
  "jane\0@example.com",
  "jane@example.com\0",
  "jane@example@com",
  "jane@exa mple.com",
  "jane@[127.0.0.1]",
  "jane@-example.com",
  "jane@example..com",
  "jane@example.com.",
  "(jane)jane@example.com",
  `${"j".repeat(65)}@example.com`,
  `jane@${"example.".repeat(40)}com`,
]

const accepted = [
  "jane@example.com",
  "jane.doe+tag@sub.example.co.uk",
  "o'brien@example.com",
  "JANE@EXAMPLE.COM",
  "jane@localhost",
  "ジェーン@例え.jp",
  `${"j".repeat(64)}@example.com`,
]

describe("a single address", () => {
  for (const text of refused) {
    it(`is not ${JSON.stringify(text.slice(0, 60))}`, () => assert.equal(isSingleAddress(text), false))
  }
  for (const text of accepted) {
    it(`is ${text.slice(0, 60)}`, () => assert.equal(isSingleAddress(text), true))
  }
})
