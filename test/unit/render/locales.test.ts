/** The language files against each other and against the templates that ask for their texts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { VERBS } from '../../../src/admin/verbs.ts'
import { LOCALES } from '../../../src/lib/locales.ts'
import { flatten, languages } from '../../../src/render/texts.ts'

const FOLDER = join(import.meta.dirname, '../../../views')

function locale(name: string): Map<string, string> {
  return flatten(JSON.parse(readFileSync(join(FOLDER, 'locales', `${name}.json`), 'utf8')))
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').sort()
}

const english = locale('en')
const others = LOCALES.filter((name) => name !== 'en')

/** Keys asked for as they are (`t('login.title')`) and by family (`t(`login.error.${reason}`)`, as a pattern). */
function asked(): { keys: string[]; families: RegExp[] } {
  const sources = [
    ...readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.eta'))
      .map((path) => readFileSync(join(FOLDER, path), 'utf8')),
    ...['texts', 'views', 'notice'].map((name) => readFileSync(join(FOLDER, `../src/render/${name}.ts`), 'utf8')),
  ].join('\n')
  // The one text that no template shows: words around a code that is sent.
  const keys = ['sms.code', ...[...sources.matchAll(/\b(?:t|strong|has)\('([^']+)'/g)].map(([, key]) => key ?? '')]
  const families = [...sources.matchAll(/\b(?:t|strong|has)\(`([^`]+)`/g)].map(([, key]) => {
    const parts = (key ?? '').split(/\$\{[^}]+\}/).map((part) => part.replaceAll('.', '\\.'))
    return new RegExp(`^${parts.join('[^.]+')}$`)
  })
  return { keys: [...new Set(keys)], families }
}

describe.each(others)('%s', (name) => {
  const other = locale(name)

  test('says everything that English says, and nothing else', () => {
    expect([...other.keys()].sort()).toEqual([...english.keys()].sort())
  })

  test('every text has the placeholders of the English one', () => {
    for (const [key, text] of english) expect.soft(placeholders(other.get(key) ?? ''), key).toEqual(placeholders(text))
  })

  test('no text is empty or has space around it', () => {
    expect([...other, ...english].filter(([, text]) => !text || text !== text.trim())).toEqual([])
  })
})

describe('a language is its file, and nothing else has to know of it', () => {
  const spoken = languages(FOLDER, { brand: 'Sigma', product: 'Sigma ID' }, 'Europe/Amsterdam')
  const invite = VERBS.find(({ name }) => name === 'person:invite')
  const invited = (locale: string) =>
    invite?.input.safeParse({ email: 'sanne@sigma.example', name: 'Sanne', locale }).success

  test('each file is one', () => {
    expect(LOCALES).toEqual([...spoken.keys()])
    expect(LOCALES).toEqual(expect.arrayContaining(['en', 'nl']))
  })

  test.each(LOCALES)('%s: people may be invited in it, and every language has a name for it', (locale) => {
    expect(invited(locale)).toBe(true)
    for (const [reader, texts] of spoken) expect(texts.nameOfLanguage(locale), reader).not.toBe(locale)
  })

  test('nobody is invited in a language without a file', () => {
    expect(existsSync(join(FOLDER, 'locales/tlh.json'))).toBe(false)
    expect(invited('tlh')).toBe(false)
  })
})

describe('templates', () => {
  const { keys, families } = asked()

  test('ask only for texts that exist', () => {
    expect(keys.length).toBeGreaterThan(50)
    expect(keys.filter((key) => !english.has(key))).toEqual([])
    expect(families.filter((family) => ![...english.keys()].some((key) => family.test(key)))).toEqual([])
  })

  test('use every text', () => {
    const unused = [...english.keys()].filter((key) => !keys.includes(key) && !families.some((one) => one.test(key)))
    expect(unused).toEqual([])
  })
})

describe('texts', () => {
  const spoken = languages(FOLDER, { brand: 'Sigma', product: 'Sigma ID' }, 'Europe/Amsterdam')
  const en = spoken.get('en')
  const nl = spoken.get('nl')

  test('a text that is missing, or lacks a value, is a fault', () => {
    expect(() => en?.t('login.nothing')).toThrow('no text "login.nothing"')
    expect(() => en?.t('login.to')).toThrow('no {client}')
  })

  test('a value is put in as it is, even if it looks like a placeholder', () => {
    expect(en?.t('login.to', { client: '{client} $& {brand}' })).toBe('to continue to {client} $& {brand}')
  })

  test.each([
    [0.2, '1 second', '1 seconde'],
    [45, '45 seconds', '45 seconden'],
    [121, '3 minutes', '3 minuten'],
    [3600, '60 minutes', '60 minuten'],
    [86_400, '24 hours', '24 uur'],
    [7 * 86_400, '7 days', '7 dagen'],
  ])('a wait of %d s is said in whole units and never too short', (seconds, english, dutch) => {
    expect([en?.duration(seconds), nl?.duration(seconds)]).toEqual([english, dutch])
  })

  test('a moment is said in the time zone of the installation', () => {
    expect(nl?.when(Date.UTC(2025, 6, 1, 22, 30))).toBe('2 juli 2025 om 00:30')
    expect(nl?.day(Date.UTC(2025, 6, 1, 22, 30))).toBe('2 juli 2025')
  })

  test('a moment in the hour that comes twice is told with its zone, and no other', () => {
    const said = (at: number) => [spoken.get('en')?.when(at), spoken.get('nl')?.when(at)]
    expect(said(Date.UTC(2026, 9, 24, 23, 59))).toEqual(['25 October 2026 at 01:59', '25 oktober 2026 om 01:59'])
    expect(said(Date.UTC(2026, 9, 25, 0, 30))).toEqual([
      '25 October 2026 at 02:30 (CEST)',
      '25 oktober 2026 om 02:30 (CEST)',
    ])
    expect(said(Date.UTC(2026, 9, 25, 1, 30))).toEqual([
      '25 October 2026 at 02:30 (CET)',
      '25 oktober 2026 om 02:30 (CET)',
    ])
    expect(said(Date.UTC(2026, 9, 25, 2, 0))).toEqual(['25 October 2026 at 03:00', '25 oktober 2026 om 03:00'])
    expect(said(Date.UTC(2026, 2, 29, 1, 30))).toEqual(['29 March 2026 at 03:30', '29 maart 2026 om 03:30'])
    const island = languages(FOLDER, { brand: 'Sigma', product: 'Sigma ID' }, 'Australia/Lord_Howe').get('en')
    expect(island?.when(Date.UTC(2026, 3, 4, 14, 45))).toBe('5 April 2026 at 01:45 (GMT+11)')
    expect(island?.when(Date.UTC(2026, 3, 4, 15, 15))).toBe('5 April 2026 at 01:45 (GMT+10:30)')
  })
})
