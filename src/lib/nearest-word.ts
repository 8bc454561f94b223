/** Which of the known words was most likely meant: two slips of the pen at most, and one in a short word. */
export function nearestWord(typed: string, known: readonly string[]): string | undefined {
  const most = typed.length < 5 ? 1 : 2
  const near = known
    .map((word) => ({ word, slips: slipsBetween(typed.toLowerCase(), word.toLowerCase()) }))
    .filter(({ slips }) => slips <= most)
  return near.sort((one, other) => one.slips - other.slips)[0]?.word
}

/** Signs that were left out, added, put for another, or changed places with the next one (optimal string alignment). */
function slipsBetween(typed: string, word: string): number {
  let before: number[] = []
  let above = Array.from({ length: word.length + 1 }, (_, index) => index)
  for (const [row, sign] of [...typed].entries()) {
    const line = [row + 1]
    for (const [column, meant] of [...word].entries()) {
      const swapped = row > 0 && column > 0 && sign === word[column - 1] && typed[row - 1] === meant
      line.push(
        Math.min(
          (above[column + 1] ?? 0) + 1,
          (line[column] ?? 0) + 1,
          (above[column] ?? 0) + (sign === meant ? 0 : 1),
          ...(swapped ? [(before[column - 1] ?? 0) + 1] : []),
        ),
      )
    }
    before = above
    above = line
  }
  return above[word.length] ?? 0
}
