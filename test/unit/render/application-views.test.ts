/** The pages of applications: what never becomes markup, and that every field and every fault is said in words. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CLIENT_FIELDS } from '../../../src/client/field-kinds.ts'
import { defaultBrand, type PageData, views } from '../../../src/render/views.ts'
import { GROUPS, NAMES } from '../../../src/web/admin/applications/form.ts'
import { APPLICATION_PAGES } from '../../support/samples/application-pages.ts'
import { BAD_DEFINITIONS, BAD_TEXTS } from '../../support/samples/bad-definitions.ts'

const FOLDER = join(import.meta.dirname, '../../../views')
const rendered = views(FOLDER, defaultBrand)
const EVIL = `"><script>alert(1)</script></textarea>'`

/** What anybody may have typed, wherever it stands. */
const FREE = [
  'id',
  'client',
  'file',
  'from',
  'to',
  'removed',
  'added',
  'yaml',
  'typed',
  'reason',
  'path',
  'env',
  'text',
  'values',
]
/** Their names are words of ours. */
const NAMED = ['sections', 'groups', 'said']

function spoiled(value: unknown, free = false): unknown {
  if (typeof value === 'string') return free ? EVIL : value
  if (Array.isArray(value)) return value.map((one) => spoiled(one, free))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) =>
      NAMED.includes(name) ? [name, part] : [name, spoiled(part, free || name === 'name' || FREE.includes(name))],
    ),
  )
}

const PASTED = APPLICATION_PAGES.find(([view]) => view === 'admin/application/new-text')?.[1]

test.each(APPLICATION_PAGES)('K-04 what was typed never becomes markup: %s', (view, data) => {
  const { who, sections, ...rest } = data as PageData & { who: unknown; sections: unknown }
  const html = rendered.page(view, 'en', { who, sections, ...(spoiled(rest) as PageData) })
  expect(html).not.toMatch(/<script>|<\/textarea>'/)
})

describe.each(['en', 'nl'] as const)('in %s', (locale) => {
  const t = rendered.translate(locale)

  test('every field of a definition has a name', () => {
    for (const field of CLIENT_FIELDS.keys()) expect(t(`admin.application.field.${field}`)).not.toBe('')
  })

  test('every fault of the table is said in words', () => {
    for (const { field, code } of [...BAD_DEFINITIONS, ...BAD_TEXTS]) {
      const html = rendered.page('admin/application/new-text', locale, {
        ...(PASTED as PageData),
        faults: [{ path: field, code, field: /^[^.[]*/.exec(field)?.[0], reason: 'said by a program' }],
      })
      expect(html).toContain(`<code>${field}: ${code}</code>`)
      expect(html).not.toContain('said by a program')
    }
  })
})

test('the form asks for fields that there are, each once', () => {
  const asked = GROUPS.flatMap(({ asks }) => asks.map(({ field }) => field))
  expect(new Set(asked).size).toBe(asked.length)
  expect(asked.filter((field) => !CLIENT_FIELDS.has(field))).toEqual([])
  // With its tokens and the fields that say what is done, it has to stay below what a form may have.
  expect(NAMES.length).toBeLessThan(45)
})
