const HEX = /^#[0-9a-f]{6}$/i
const NEUTRAL = "#2f3b4a"

/** An app's colour, or a neutral one where it has none that can be put into a style as it stands. */
export const safeColor = (color: string): string => (HEX.test(color) ? color : NEUTRAL)

/** White or near black, whichever reads better on a `#rrggbb` (WCAG 2.2, relative luminance). */
export function readableOn(color: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
    linear(Number.parseInt(color.slice(at, at + 2), 16)),
  )
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
  return luminance > 0.4 ? "#171c22" : "#ffffff"
}

function linear(channel: number): number {
  const share = channel / 255
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
}
