/** Each second factor has all that the pages and the mails ask of it; what it is by nature is one table. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LOCALES } from '../../../src/lib/locales.ts'
import {
  APP,
  meansAll,
  NATURES,
  opening,
  PASSKEY,
  remembers,
  SECOND_FACTORS,
  type SecondFactor,
} from '../../../src/person/second-factor.ts'
import { languages } from '../../../src/render/texts.ts'

const root = join(import.meta.dirname, '../../..')
const spoken = languages(join(root, 'views'), { brand: 'Sigma', product: 'Sigma ID' }, 'Europe/Amsterdam')

test.each(SECOND_FACTORS)('%s has its page, its sign and its words in every language', (factor) => {
  expect(existsSync(join(root, `views/challenge/${factor}.eta`))).toBe(true)
  expect(readFileSync(join(root, 'views/partial/sign.eta'), 'utf8')).toContain(`it.sign === '${NATURES[factor].sign}'`)
  for (const locale of LOCALES)
    for (const key of [`method.${factor}`, ...(NATURES[factor].offered ? [`challenge.methods.${factor}`] : [])])
      expect(spoken.get(locale)?.has(key), `${key} in ${locale}`).toBe(true)
})

test('few files know the app by its name: its nature, its factor, its codes, its page, the words, and what puts it together', () => {
  const named = ['src', 'views']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
    )
    .filter((file) => /\.(ts|eta|json|js|css)$/.test(file))
    // What comes from elsewhere is in the words of the file that it comes in.
    .filter((file) => !file.startsWith('src/migration/'))
    .filter((file) => /\btotp\b/i.test(readFileSync(join(root, file), 'utf8')))
  expect(named.length, named.join(', ')).toBeLessThanOrEqual(8)
})

test('applications are told of each', () => {
  const page = readFileSync(join(root, 'docs/applications.md'), 'utf8')
  const [row = ''] = page.match(/^\| `second_factors` .*$/m) ?? []
  for (const factor of SECOND_FACTORS) expect(row).toContain(`\`${factor}\``)
})

test('SES-05, E-06: the settings take no text message, and administration nothing but a passkey and the app', () => {
  expect(opening('account')).toEqual(['passkey', 'totp', 'backup', 'temporary'])
  expect(opening('admin')).toEqual([PASSKEY, APP])
})

test('a code that is good for one use only makes no device remembered', () => {
  expect(SECOND_FACTORS.filter(remembers)).toEqual(['totp', 'sms'])
})

test.each<[factors: SecondFactor[], all: boolean]>([
  [['totp', 'sms', 'backup', 'temporary'], true],
  [['temporary', 'passkey', 'totp', 'sms', 'backup'], true],
  [['passkey', 'totp', 'backup', 'temporary'], false],
  [['passkey'], false],
  [[], false],
])('%j means all that there are: %s', (factors, all) => {
  expect(meansAll(factors)).toBe(all)
})
