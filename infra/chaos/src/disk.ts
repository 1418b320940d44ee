import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"

/** A disk of its own in memory; only root may have one. */
export function mountDisk(megabytes: number): { folder: string; unmount(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), "gatepost-disk-"))
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=0711`, "tmpfs", folder])
  if (mounted.status !== 0) {
    rmSync(folder, { recursive: true })
    throw new Error(`no tmpfs can be mounted here: ${mounted.stderr}`)
  }
  return {
    folder,
    unmount() {
      spawnSync("umount", ["-l", folder])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
