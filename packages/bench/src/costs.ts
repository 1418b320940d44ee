import type { Cost, Sample } from "./scenario.js"

/** How a cost is read off a sample, and written. */
export const costs: Record<Cost, { unit: string; of(sample: Sample): number | undefined }> = {
  p99: { unit: "ms", of: ({ p99Ms }) => p99Ms },
  memory: { unit: "MiB", of: ({ memoryMib }) => memoryMib },
  /** Of the server's process alone. */
  serverCpu: { unit: "ms", of: ({ cpuMs, count }) => (cpuMs === undefined ? undefined : cpuMs / count) },
  /** The server's and the database's: what a noisy machine disturbs least. */
  totalCpu: {
    unit: "ms",
    of: ({ cpuMs, databaseCpuMs, count }) =>
      cpuMs === undefined || databaseCpuMs === undefined ? undefined : (cpuMs + databaseCpuMs) / count,
  },
  disk: { unit: "bytes a user", of: ({ bytesPerUser }) => bytesPerUser },
  time: { unit: "s", of: ({ seconds, count }) => seconds / count },
}
