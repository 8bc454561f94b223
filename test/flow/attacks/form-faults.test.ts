/**
 * Every form of the product, sent empty and with what is not of its shape, as browsers send it that check nothing
 * themselves: the page comes again and says what is wrong at the field, in its own language, with what was typed. No try
 * is spent on it, however often.
 */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SECOND_FACTORS } from '../../../src/person/second-factor.ts'
import { defaultBrand, views } from '../../../src/render/views.ts'
import { clockOfAllTests } from '../../support/app/clock.ts'
import {
  checkedForms,
  type Field,
  type Form,
  heldBy,
  isSecret,
  malformed,
  saidAt,
} from '../../support/attack/checked-fields.ts'
import { CHECKED, world } from '../../support/attack/checked-pages.ts'
import type { Person } from '../../support/people/person.ts'
import { startTwoStep } from '../../support/people/second-factor-attack.ts'
import { forAllTests } from '../../support/runner/made.ts'
import { PAGES } from '../../support/samples/pages.ts'

/** More than any code, password or link may be tried in a row without a wait. */
const TRIES = 12
const KEPT = 'Kept & shown'
const PEOPLE = 'email;name\nmany@sigma.example;Many\n'

clockOfAllTests()

const app = forAllTests(() =>
  startTwoStep({ settings: { throttle: { perAddress: 1e6, perNetwork: 1e6, linksPerHour: 5 } } }),
)
const all = forAllTests(() => world(app))

/** What is typed: nothing where something has to be, or what is not of the shape that is asked; a text everywhere else. */
function typed({ fields }: Form, wrong: Field[], how: 'missing' | 'malformed'): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap((field): Array<[string, string]> => {
      const { name, type, value } = field
      if (wrong.includes(field))
        return type === 'radio' || type === 'checkbox'
          ? []
          : [[name, how === 'missing' ? '' : (malformed(field) ?? '')]]
      if (type === 'checkbox') return [[name, value]]
      if (type === 'radio') return /\schecked\b/.test(field.tag) ? [[name, value]] : []
      if (type === 'file') return [[name, PEOPLE]]
      return [[name, type === 'text' || type === 'textarea' ? KEPT : value]]
    }),
  )
}

async function send(person: Person, form: Form, what: Record<string, string>, language: string) {
  const { action, method, file, fixed, fields } = form
  const all = { ...fixed, ...what }
  const url = new URL(action, person.page.url).href
  const headers = { 'accept-language': language }
  const body = new URLSearchParams(all)
  const response =
    method === 'get'
      ? await person.copy().request('GET', `${url}?${body}`, undefined, headers)
      : await person.copy().request('POST', url, file ? withFile(all, fields) : body, headers)
  return { status: response.status, html: await response.text() }
}

/** As the browser sends it; an empty file is none. */
function withFile(all: Record<string, string>, fields: Field[]): FormData {
  const parts = new FormData()
  for (const [name, value] of Object.entries(all)) {
    const isFile = fields.some((field) => field.name === name && field.type === 'file')
    parts.set(name, isFile ? new Blob([value]) : value)
  }
  return parts
}

test('every page that has such a form is tried here', () => {
  const rendered = views(join(import.meta.dirname, '../../../views'), defaultBrand)
  const asking = new Set(
    PAGES.filter(([view, data]) => checkedForms(rendered.page(view, 'en', data)).length > 0).map(([view]) => view),
  )
  // A factor that is added has its page, and its code is taken where that of the others is.
  const factors = SECOND_FACTORS.map((method) => `challenge/${method}`)
  expect([...asking].filter((view) => !(view in CHECKED) && !factors.includes(view))).toEqual([])
  expect(Object.keys(CHECKED).filter((view) => !asking.has(view))).toEqual([])
})

test.each(Object.entries(CHECKED))('%s', async (_view, open) => {
  const person = await open(all)
  const forms = checkedForms(person.page.html)
  expect(forms.length, person.page.html).toBeGreaterThan(0)
  for (const form of forms) {
    // In both languages at least.
    const tries = form.fields.some(isSecret) || /recover|again/.test(form.action) ? TRIES : 2
    const wrongs = {
      missing: form.fields.filter(({ required }) => required),
      malformed: form.fields.filter((field) => malformed(field) !== undefined),
    }
    for (const how of ['missing', 'malformed'] as const) {
      const wrong = wrongs[how]
      const [first] = wrong
      if (!first) continue
      const what = typed(form, wrong, how)
      const said: Array<string | undefined> = []
      for (let at = 0; at < tries; at += 1) {
        const page = await send(person, form, what, at % 2 ? 'nl' : 'en')
        const which = `${how} ${first.name} ${page.status}`
        expect(page.status, which).toSatisfy((status: number) => status >= 400 && status < 410)
        expect(page.status, which).not.toBe(429)
        said.push(saidAt(page.html, first))
        expect(said.at(-1), `${which}\n${page.html}`).toBeTruthy()
        for (const field of form.fields) {
          const value = what[field.name]
          if (value === undefined || field.type === 'file' || field.type === 'select' || field.type === 'radio')
            continue
          expect(heldBy(page.html, field), `${which}: ${field.name}`).toBe(isSecret(field) ? '' : value)
        }
      }
      expect(new Set(said).size, said.join('\n')).toBe(2)
    }
  }
})
