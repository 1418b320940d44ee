const SYSTEMS: [RegExp, string][] = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Macintosh|Mac OS X/, "Mac"],
  [/CrOS/, "Chromebook"],
  [/Linux/, "Linux"],
]
const PROGRAMS: [RegExp, string][] = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\/|FxiOS/, "Firefox"],
  [/Chrome\/|CriOS/, "Chrome"],
  [/Safari\//, "Safari"],
  [/Dart\//, "app"],
  [/okhttp|CFNetwork/, "app"],
]

/** A name its owner recognises, such as "Firefox on Linux"; the User-Agent's own first word where it is unknown. */
export function deviceOf(userAgent: string | undefined): string {
  if (!userAgent) return "Unknown device"
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent))?.[1]
  const program = PROGRAMS.find(([pattern]) => pattern.test(userAgent))?.[1]
  if (program && system) return `${program} on ${system}`
  return system ?? program ?? userAgent.split(/[\s/]/)[0]?.slice(0, 40) ?? "Unknown device"
}
