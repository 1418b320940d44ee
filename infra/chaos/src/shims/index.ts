/** What `NODE_OPTIONS` must say for a shim. */
export const shim = (name: "clock" | "uncaught") =>
  `--import=${new URL(`./${name}.js`, import.meta.url).href}`
