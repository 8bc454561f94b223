/**
 * Keeps the Dutch citizen service number (BSN) out: only a law allows keeping one (UAVG article 46), and there is none for
 * signing in. People paste it into free text all the same.
 */

/** Whether nine digits in the text, however they are spaced, pass the number's own check («elfproef»). */
export function holdsCitizenNumber(text: string): boolean {
  const runs = text.normalize('NFKC').match(/\d(?:[\s.-]?\d)*/g) ?? []
  return runs.map((run) => run.replace(/\D/g, '')).some((digits) => digits.length === 9 && passesElevenTest(digits))
}

/** Of what is in a cell of a column of numbers, whatever stands around and between the digits; undefined of anything else. */
export function digitsOfCell(cell: string): string | undefined {
  // What nobody sees, and what a spreadsheet makes of a number.
  const shown = cell.normalize('NFKC').replace(/\p{Cf}/gu, '')
  const number = shown.trim().replace(/[.,]0+$/, '')
  // By both ends: looking for what is no digit up to the end takes the square of the length.
  const digits = number.slice(number.search(/\d/), number.search(/\d\D*$/) + 1).replace(/[^\p{L}\d]+/gu, '')
  // Moments have as many, and so have other numbers of which only the separators tell what they are.
  if (!/^\d+$/.test(digits) || /\d:\d\d/.test(number)) return undefined
  // A spreadsheet takes the zero away that a number begins with: of that alone, a date has as many.
  return /^\d{8}$/.test(number) ? `0${number}` : digits
}

/** 9a + 8b + … + 2h − i is a multiple of eleven, and not zero. */
function passesElevenTest(digits: string): boolean {
  const sum = [...digits].reduce((total, digit, index) => total + Number(digit) * (index === 8 ? -1 : 9 - index), 0)
  return sum !== 0 && sum % 11 === 0
}
