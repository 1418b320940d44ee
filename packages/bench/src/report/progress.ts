/** One line that is written over, on a terminal; elsewhere silence. */
export interface Progress {
  show(text: string): void
  clear(): void
}

export function createProgress(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return { show() {}, clear() {} }
  const clear = () => void stream.write("\r\u001b[K")
  return {
    show(text) {
      clear()
      stream.write(text.slice(0, stream.columns - 1))
    },
    clear,
  }
}
