import type { Bench } from "./bench.js"
import { cpuOf } from "./processes/cpu.js"
import type { RunningSubject, Sample, Subject } from "./scenario.js"

export interface Pace {
  rounds: number
  /** Of each slot. */
  seconds: number
}

/** The samples of a subject, one a round. */
export interface SubjectResult {
  name: string
  samples: Sample[]
}

// Enough for the hot functions to be compiled and every pool to be full.
const WARM_UP_SECONDS = 1.5

/**
 * Lets subjects take turns, A B C A B C: what disturbs the machine for a while disturbs all of them, and
 * the ratio of a round is made of neighbours.
 *
 * @param onSlot told before each slot how much of the whole is done, from 0 to 1, and whose turn it is
 */
export async function interleave(
  bench: Bench,
  subjects: readonly Subject[],
  { rounds, seconds }: Pace,
  onSlot: (done: number, subject: string) => void,
): Promise<SubjectResult[]> {
  const running: { name: string; subject: RunningSubject; samples: Sample[] }[] = []
  try {
    for (const { name, start } of subjects) {
      onSlot(0, name)
      const subject = await start(bench)
      running.push({ name, subject, samples: [] })
      await subject.measure(Math.min(seconds, WARM_UP_SECONDS))
    }
    for (let round = 0; round < rounds; round++) {
      for (const [turn, { name, subject, samples }] of running.entries()) {
        onSlot((round + turn / running.length) / rounds, name)
        samples.push(await sample(bench, subject, seconds))
      }
    }
  } finally {
    await Promise.all(running.map(({ subject }) => subject.stop()))
  }
  return running.map(({ name, samples }) => ({ name, samples }))
}

async function sample(bench: Bench, subject: RunningSubject, seconds: number): Promise<Sample> {
  const { pid } = subject
  if (pid === undefined) return subject.measure(seconds)
  const before = { own: cpuOf(pid), database: bench.databaseCpu() }
  const work = await subject.measure(seconds)
  return {
    ...work,
    cpuMs: difference(cpuOf(pid), before.own),
    databaseCpuMs: difference(bench.databaseCpu(), before.database),
  }
}

const difference = (after: number | undefined, before: number | undefined) =>
  after === undefined || before === undefined ? undefined : after - before
