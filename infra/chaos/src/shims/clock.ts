// Loaded into a service by `node --import`: its wall clock is CHAOS_CLOCK_MS ahead, its monotonic one is not.
const offset = Number(process.env.CHAOS_CLOCK_MS ?? 0)
const RealDate = Date

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, self) =>
    Reflect.construct(target, args.length > 0 ? args : [target.now() + offset], self),
  apply: (target) => new target(target.now() + offset).toString(),
  get: (target, name) => (name === "now" ? () => target.now() + offset : Reflect.get(target, name)),
})
