/**
 * Keeps the Dutch citizen service number (BSN) out: only a law allows keeping one (UAVG article 46), and there is none for
 * signing in. People paste it into free text all the same.
 */

/** Whether nine digits in the text, however they are spaced, pass the number's own check («elfproef»). */
export function holdsCitizenNumber(text: string): boolean {
  const runs = text.normalize('NFKC').match(/\d(?:[\s.-]?\d)*/g) ?? []
  return runs.map((run) => run.replace(/\D/g, '')).some((digits) => digits.length === 9 && passesElevenTest(digits))
}

/** 9a + 8b + … + 2h − i is a multiple of eleven, and not zero. */
function passesElevenTest(digits: string): boolean {
  const sum = [...digits].reduce((total, digit, index) => total + Number(digit) * (index === 8 ? -1 : 9 - index), 0)
  return sum !== 0 && sum % 11 === 0
}
