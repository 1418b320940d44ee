/** Where a person reads along. */
export interface Terminal {
  line(text: string): void
  error(text: string): void
  bold(text: string): string
  dim(text: string): string
}

/** Writes to standard output and standard error, in colour where that is a terminal and NO_COLOR is not set. */
export function openTerminal(env: NodeJS.ProcessEnv): Terminal {
  // The reader may have gone (a closed window, `| head`): that must not end the services out of order.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {})
  const colored = (stream: NodeJS.WriteStream) => stream.isTTY === true && !env.NO_COLOR
  const paint = (code: number, stream: NodeJS.WriteStream) => (text: string) =>
    colored(stream) ? `\u001b[${code}m${text}\u001b[0m` : text
  const red = paint(31, process.stderr)

  return {
    line: (text) => void process.stdout.write(`${text}\n`),
    error: (text) => void process.stderr.write(`${red(text)}\n`),
    bold: paint(1, process.stdout),
    dim: paint(2, process.stdout),
  }
}
