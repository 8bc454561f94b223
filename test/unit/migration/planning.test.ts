/** Many lines hold up nobody, whatever they have in common. */
import { expect, test } from 'vitest'
import { isEmailAddress, withAsciiDomain } from '../../../src/lib/email-address.ts'
import { fileInText } from '../../../src/migration/import-file.ts'
import { readLine } from '../../../src/migration/incoming.ts'
import { planning } from '../../../src/migration/planning.ts'
import { survey } from '../../../src/migration/survey.ts'
import { line } from '../../support/people/imports.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { accountParts } from '../../support/unit/account-parts.ts'

const parts = forEachTest(accountParts)
const READING = { acceptWeak: false, withRoles: [], countries: ['NL'], now: 0 }

test('of a key that very many lines have the first are named, and the others counted', () => {
  const seen = survey(() => false)
  const read = readLine(line(1), READING)
  if (!read.ok) throw new Error('no line')
  for (let at = 1; at <= 20; at += 1) seen.note(at, read.incoming, [])
  const told = (at: number) => seen.faults(at, read.incoming, [])[0]?.reason
  expect(told(2)).toBe('is in line 1, 3, 4, 5, 6 and 14 more as well')
  expect(told(20)).toBe('is in line 1, 2, 3, 4, 5 and 14 more as well')
})

test('lines that have everything in common take little longer to tell of than lines that have nothing', () => {
  const LINES = 6000
  const read = readLine(line(1), READING)
  if (!read.ok) throw new Error('no line')
  const { incoming } = read
  function cost(of: (at: number) => number): number {
    const seen = survey(() => false)
    const lines = Array.from({ length: LINES }, (_, at) => ({
      ...incoming,
      emailKey: `e${of(at)}`,
      externalId: `x${of(at)}`,
    }))
    for (const [at, each] of lines.entries()) seen.note(at, each, [])
    const before = process.cpuUsage()
    for (const [at, each] of lines.entries()) seen.faults(at, each, [])
    return process.cpuUsage(before).user
  }
  const apart = cost((at) => at)
  // Twenty times and more if all the others were gone through for each of them.
  expect(cost(() => 1) / apart).toBeLessThan(6)
})

test('an address that is too long is left as it is before its domain is converted', () => {
  const long = `jan@${'é'.repeat(300)}.example`
  expect(withAsciiDomain(long)).toBe(long)
  expect(isEmailAddress(long)).toBe(false)
})

test('whoever signs in while lines of one request are read has a turn with every bite', async () => {
  const lines = Array.from({ length: 1000 }, (_, at) => JSON.stringify(line(at))).join('\n')
  let [turns, going] = [0, true]
  const turn = () => {
    turns += 1
    if (going) setImmediate(turn)
  }
  const plans = planning({
    people: parts.people,
    organizations: parts.organizations,
    ring: parts.ring,
    countries: ['NL'],
    onProgress: () => {},
  })
  const options = { ...READING, source: 'oud', from: 'people' as const, organization: undefined, firebase: undefined }
  setImmediate(turn)
  const seen = await plans.look(fileInText(lines, 'people'), options)
  expect(turns).toBeGreaterThanOrEqual(9)
  const before = turns
  for await (const bite of plans.lines(fileInText(lines, 'people'), options, seen, 'planned'))
    expect(bite).toHaveLength(100)
  expect(turns - before).toBeGreaterThanOrEqual(9)
  going = false
})
