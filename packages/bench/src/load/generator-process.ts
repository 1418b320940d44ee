// The load, in a process of its own: what it costs is no part of what is measured.
import { answerCalls } from "../processes/calls.js"
import { createLoop, type Loop } from "./loop.js"
import type { Workload } from "./workload.js"

const loops: Loop[] = []

answerCalls({
  prepare: async (workload: Workload) => loops.push(createLoop(workload)) - 1,
  async run({ loop, seconds }: { loop: number; seconds: number }) {
    const prepared = loops[loop]
    if (!prepared) throw new RangeError("no such workload was prepared")
    return prepared.run(seconds)
  },
})
process.send?.({ type: "ready" })
