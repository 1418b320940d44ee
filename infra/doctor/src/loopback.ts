/** Nobody is between there and here; an empty host is a socket. */
export const isLoopback = (host: string): boolean =>
  host === "" ||
  host === "localhost" ||
  host === "[::1]" ||
  host === "::1" ||
  /^127(\.\d{1,3}){3}$/.test(host)
