/** Whether nobody is between here and there. @param host as a URL or a socket has it */
export const isLoopback = (host: string): boolean =>
  ["localhost", "::1", "[::1]"].includes(host) || /^127(\.\d{1,3}){3}$/.test(host)
