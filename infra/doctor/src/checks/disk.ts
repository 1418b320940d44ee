import { statfs } from "node:fs/promises"
import { tmpdir } from "node:os"
import type { Check } from "../patient.js"
import { fail, ok, type Verdict, warn } from "../verdict.js"

const GIB = 1024 ** 3

/** There is room where this machine writes: the data of `npm start`, else temporary files. */
export const disk: Check = {
  name: "disk",
  async run({ env, isLocal }) {
    const folder = isLocal ? (env.DATA_DIR ?? process.cwd()) : tmpdir()
    const { bavail, blocks, bsize } = await statfs(folder)
    const verdict = judgeRoom(bavail * bsize, blocks * bsize)
    const whose = isLocal ? folder : `${folder}; PostgreSQL's own is for its host to watch`
    return { ...verdict, says: `${verdict.says} at ${whose}` }
  },
}

/** In bytes. PostgreSQL stops when it can't write its log ahead. */
export function judgeRoom(free: number, total: number): Verdict {
  const share = Math.round((free / total) * 100)
  const found = `${(free / GIB).toFixed(1)} GiB free of ${(total / GIB).toFixed(1)}`
  if (free < 0.2 * GIB || share < 2) return fail(found, "make room now")
  return free < GIB || share < 10 ? warn(found, "make room, or a larger disk") : ok(found)
}
