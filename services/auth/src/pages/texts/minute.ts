/** A time as people write it; in UTC, for nobody knows where they are. */
export const minuteOf = (tag: string, at: Date): string =>
  `${new Intl.DateTimeFormat(tag, {
    dateStyle: "long",
    timeStyle: "short",
    timeZone: "UTC",
  }).format(at)} UTC`
