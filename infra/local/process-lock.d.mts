/** Who holds a lock. */
export interface LockHolder {
  pid: number
  /** What the holder said about itself. */
  note: Record<string, unknown>
}

export interface Lock {
  setNote(note: Record<string, unknown>): void
  /** The lock stays held until this process is dead too. */
  include(pid: number): void
  release(): void
}

/**
 * Takes a lock if nobody has it. The lock of a dead process counts as free.
 *
 * @param directory where the lock lives; made when missing
 * @returns the lock (`tookOver`: from a process that died with it), or who holds it
 */
export function tryLock(
  directory: string,
  note?: Record<string, unknown>,
): { lock: Lock; tookOver: boolean; holder?: undefined } | { holder: LockHolder; lock?: undefined }

/** Waits until the lock is free and takes it; `onWait` is called once if that takes any waiting. */
export function waitForLock(
  directory: string,
  options?: { note?: Record<string, unknown>; onWait?: (holder: LockHolder) => void },
): Promise<Lock>
