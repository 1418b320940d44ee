const KEPT = ["PATH", "Path", "HOME", "TMPDIR", "TEMP", "TMP", "SystemRoot", "LANG"]

/** What a program needs to run at all. The rest of our environment would make runs differ from each other. */
export function cleanEnvironment(): Record<string, string> {
  const kept = KEPT.map((name) => [name, process.env[name]] as const)
  return Object.fromEntries(kept.filter((entry): entry is [string, string] => entry[1] !== undefined))
}
