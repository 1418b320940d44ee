import type { Bench } from "./bench.js"
import type { Work } from "./load/work.js"

/** A slot with what it cost; the CPU is unknown where there is no /proc. */
export interface Sample extends Work {
  /** Of the subject's process and its children. */
  cpuMs?: number | undefined
  /** Of the database's processes. */
  databaseCpuMs?: number | undefined
}

/** One side of a comparison, in a server process of its own. */
export interface Subject {
  name: string
  start(bench: Bench): Promise<RunningSubject>
}

export interface RunningSubject {
  /** Undefined where its CPU says nothing of its work. */
  pid?: number | undefined
  /** Works for about that long under full load; any failed request fails the slot. */
  measure(seconds: number): Promise<Work>
  stop(): Promise<void>
}

/** What a ratio is made of: work per second, or work per second of the subject's CPU. */
export type Yardstick = "throughput" | "cpu"

export interface Comparison {
  /** Name of a subject of the scenario. */
  subject: string
  against: string
  /** Which of the two ratios the goal speaks of. */
  by: Yardstick
  /** The ratio to reach (DESIGN.md section 5); without one it is shown for information. */
  reach?: number | undefined
}

/** What should be small. */
export type Cost = "p99" | "memory" | "time" | "serverCpu" | "totalCpu" | "disk"

/** A cost that is bounded: by itself, or as a multiple of another subject's. */
export interface Limit {
  /** Name of a subject of the scenario. */
  subject: string
  by: Cost
  against?: string | undefined
  /**
   * The largest ratio, or without `against` the largest value, in the unit of the cost (DESIGN.md section 5);
   * without one it is shown for information.
   */
  most?: number | undefined
}

/** Subjects that take turns in the same minutes, and how they compare. */
export interface Scenario {
  name: string
  title: string
  /** Of what is counted; undefined where a rate says nothing. */
  unit?: "req" | "mails" | "logouts" | "checks" | undefined
  /** Its slots are so many times as long as others; 1 by default. */
  stretch?: number | undefined
  subjects: Subject[]
  comparisons: Comparison[]
  limits?: Limit[] | undefined
}
