import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"

/** A new folder that other users may pass through. */
export function makeFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "gatepost-local-"))
  chmodSync(folder, 0o755)
  return folder
}

export const removeFolder = (folder: string) =>
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
