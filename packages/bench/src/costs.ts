import type { Cost, Sample } from "./scenario.js"

/** How a cost is read off a sample, and written. */
export const costs: Record<Cost, { unit: string; of(sample: Sample): number | undefined }> = {
  p99: { unit: "ms", of: ({ p99Ms }) => p99Ms },
  memory: { unit: "MiB", of: ({ memoryMib }) => memoryMib },
  time: { unit: "s", of: ({ seconds, count }) => seconds / count },
}
