/** Working hours of a time zone: what does not hurry is mailed only then, when a question about it is answered. */

/** Whether this moment is in them. Holidays are not known here. */
export type WorkingHours = (at: number) => boolean

const [FROM, TO] = [9, 17]
/** Of a working day. */
export const WORKING_HOURS = TO - FROM
const FREE = ['Sat', 'Sun']

/** Monday to Friday, from nine until five, by the clock on the wall there. */
export function workingHours(timeZone: string): WorkingHours {
  let wall: Intl.DateTimeFormat | undefined
  return (at) => {
    // Made when first asked for: the language data behind it takes long to load.
    wall ??= new Intl.DateTimeFormat('en', { timeZone, weekday: 'short', hour: 'numeric', hourCycle: 'h23' })
    const shown = Object.fromEntries(wall.formatToParts(at).map(({ type, value }) => [type, value]))
    const hour = Number(shown.hour)
    return !FREE.includes(shown.weekday ?? '') && hour >= FROM && hour < TO
  }
}
