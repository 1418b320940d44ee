/**
 * Black or white, whichever reads better on an app's colour: at least 4.58:1, where WCAG 2.2 asks for 4.5.
 *
 * @param color as `#rrggbb`
 */
export function inkOn(color: string): "#000000" | "#ffffff" {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(color.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
  return luminance > 0.179 ? "#000000" : "#ffffff"
}
