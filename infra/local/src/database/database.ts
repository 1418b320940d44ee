/** The database that the services use, wherever it runs. */
export interface ServiceDatabase {
  /** Ours alone, so that we may leave notes in it. */
  builtIn: boolean
  /** For the owner of all schemas. */
  migrationUrl: string
  /** What a service that runs as this role connects to. */
  urlOf(role: string): string
  /** For the greeting. */
  description: string
  /** Ends the server, if it is ours. */
  stop(mode: "fast" | "immediate"): Promise<void>
}
