/** 128 bits in hex: unique, and no secret. `randomUUID` is missing on plain http and in React Native. */
export function randomId(): string {
  const bytes = new Uint8Array(16)
  if (globalThis.crypto?.getRandomValues) crypto.getRandomValues(bytes)
  else for (const index of bytes.keys()) bytes[index] = Math.random() * 256
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}
