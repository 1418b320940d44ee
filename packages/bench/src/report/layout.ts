import type { Table } from "./cells.js"

export function toMarkdown([heading = [], ...rows]: Table): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`
  return [line(heading), line(heading.map(() => "---")), ...rows.map(line)].join("\n")
}

export function toText(table: Table): string {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd()
  return table.map(line).join("\n")
}
