/** A start that can't be: its message is one sentence that names the setting to change. */
export class StartError extends Error {
  override readonly name = "StartError"
}
