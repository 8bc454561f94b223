/** The pages of administration and recovery: what they show by role and state, and what they never let through. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EVENTS } from '../../../src/audit/audit.ts'
import type { Locale } from '../../../src/lib/locales.ts'
import { defaultBrand, type PageData, views } from '../../../src/render/views.ts'
import { readOut } from '../../../src/web/sign-in/recovery-request.ts'
import { withoutDigests } from '../../support/runner/random.ts'
import { ADMIN_PAGES, person, RECOVERY_PAGES } from '../../support/samples/admin.ts'

const LOCALES: Locale[] = ['en', 'nl']
const SAMPLES = [...ADMIN_PAGES, ...RECOVERY_PAGES]
const brand = { ...defaultBrand, supportEmail: 'help@sigma.example', supportPhone: '+31 20 123 45 67' }
const rendered = views(join(import.meta.dirname, '../../../views'), brand)
const page = (view: string, data: PageData) => rendered.page(view, 'en', data)
const EVIL = `"><script>alert(1)</script>'`

/** The first sample of this page, with other data where a test is about it. */
function sample(view: string, changes: Record<string, unknown> = {}): string {
  const found = SAMPLES.find(([name]) => name === view)
  if (!found) throw new Error(`no sample of ${view}`)
  return page(view, { ...found[1], ...changes })
}

function wordsOf(html: string): string {
  return html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
}

describe.each(LOCALES)('pages in %s', (locale) => {
  test.each(SAMPLES)('%s %j', (view, data) => {
    const html = rendered.page(view, locale, data)
    expect(html).toMatch(new RegExp(`^\\s*<!doctype html>\\n<html lang="${locale}">`))
    expect(html.match(/<h1>/g)).toHaveLength(1)
    expect(withoutDigests(html)).not.toMatch(/undefined|\[object|NaN|(?<!\\p)\{[a-z]\w*\}/i)
    expect(html).not.toMatch(/\s(style|on\w+)=/)
    // What changes something carries the token of the form; what looks something up must not, it would stand in the address.
    for (const [form] of html.matchAll(/<form.*?<\/form>/gs)) {
      expect(/name="csrf"/.test(form)).toBe(/method="post"/.test(form))
      if (view.startsWith('admin/')) expect(/name="for"/.test(form)).toBe(/method="post"/.test(form))
    }
  })

  test('every kind of event is said in words', () => {
    const audit = SAMPLES.find(([view]) => view === 'admin/audit')?.[1]
    const html = rendered.page('admin/audit', locale, audit as PageData)
    const said = [...html.matchAll(/<th role="rowheader"[^>]*><div>\s*([^<]+)/g)].map(([, words]) => words?.trim())
    expect(said).toHaveLength(EVENTS.length)
    expect(said.filter((words) => EVENTS.some((type) => type === words))).toEqual([])
  })
})

test('whose account one works as, and the way out, are on every page of administration', () => {
  for (const [view, data] of ADMIN_PAGES) {
    const html = page(view, data)
    expect(wordsOf(html), view).toContain('Signed in as Bea Beheer beheer@sigma.example')
    expect(html, view).toContain('href="/session/end">Sign out<')
  }
})

test('a case number is read out in two groups', () => {
  expect(readOut('48217730')).toBe('4821 7730')
  expect(readOut('00931164')).toBe('0093 1164')
})

describe('a case', () => {
  test('its identity check and note are asked before the two ways it can end', () => {
    const html = sample('admin/case')
    expect(html.match(/type="radio" name="check"[^>]*required/g)).toHaveLength(4)
    expect(html).not.toContain('checked')
    expect(html).toMatch(/name="step" value="issue">Issue a temporary access code</)
    expect(html).toMatch(/name="step" value="decline">Decline</)
  })

  test('P-04 while it waits, a code cannot be issued and the page says from when', () => {
    const html = sample('admin/case', { waitUntil: Date.UTC(2026, 10, 21, 9) })
    expect(html).not.toContain('value="issue"')
    expect(html).toContain('value="decline"')
    expect(wordsOf(html)).toContain('21 November 2026 at 10:00')
  })

  test('whoever may not decide it gets no form', () => {
    expect(sample('admin/case', { decides: false })).not.toContain('<textarea')
    const html = sample('admin/case', { decides: false, refused: 'self' })
    expect(html).not.toContain('<textarea')
    expect(html).toContain('You cannot do this for your own account.')
  })

  test('P-07 what was sealed or is secret is nowhere but on the one page that shows it', () => {
    const secrets = { code: 'CANARY-CODE', passwordHash: 'CANARY-HASH', secret: 'CANARY-KEY', sealed: 'CANARY-SEAL' }
    for (const [view, data] of SAMPLES) {
      const html = page(view, { ...data, ...secrets, person: { ...person, ...secrets } })
      const shown = {
        'admin/code': 'CANARY-CODE',
        'admin/application/made': 'CANARY-KEY',
        'admin/application/secret': 'CANARY-KEY',
      }
      const own = Object.entries(shown).flatMap(([name, secret]) => (name === view ? [secret] : []))
      expect([...new Set(html.match(/CANARY-\w+/g))], view).toEqual(own)
    }
  })
})

test('ADM-02 a person on whom the visitor may not act: the reason, and nothing to press', () => {
  const html = sample('admin/person', { actions: [], refused: 'above' })
  expect(html).toContain('This person has a role, so only an owner can do this.')
  expect(html).not.toMatch(/href="\/p\//)
})

test('what went wrong stands at its field, which has the keyboard', () => {
  const request = SAMPLES.filter(([view, data]) => view === 'challenge/none' && data.error)
  const [missing = '', ...rest] = request.map(([view, data]) => page(view, data))
  expect(missing).toMatch(
    /id="contact"[^>]*aria-describedby="contact-hint contact-error"[^>]*aria-invalid="true" autofocus/s,
  )
  expect(missing).toContain('<title>Error: ')
  // Nothing in the field is wrong if it was asked too often.
  expect(rest.at(-1)).not.toContain('aria-invalid')
  expect(rest.at(-1)).toContain('in 84 minutes.')
  expect(sample('admin/case', { error: 'missing-check' })).toMatch(
    /aria-describedby="check-error".*value="call-back" required autofocus/s,
  )
  expect(sample('admin/case', { error: 'citizen-number' })).toMatch(/<textarea[^>]*aria-invalid="true" autofocus/)
})

test('the field for the contact is empty at first: the help desk’s own address is no answer', () => {
  expect(sample('challenge/none').match(/<input id="contact"[^>]*>/)?.[0]).not.toContain('value=')
})

test('K-04 names, addresses, contacts, notes and details never become markup', () => {
  const evil = {
    name: EVIL,
    email: EVIL,
    organization: EVIL,
    id: EVIL,
    contact: EVIL,
    note: EVIL,
    spoken: EVIL,
    number: EVIL,
  }
  const links = {
    ...{ href: EVIL, back: EVIL, base: EVIL, auditHref: EVIL, action: EVIL, signOut: EVIL },
    ...{ exportHref: EVIL, newest: EVIL, older: EVIL },
  }
  const row = { ...evil, ...links, roles: [EVIL], status: 'active', twoStepState: 'on', createdAt: 0, expiresAt: 0 }
  const record = {
    type: EVIL,
    outcome: 'ok',
    at: 0,
    client: EVIL,
    details: EVIL,
    source: { ip: EVIL, correlation: EVIL },
  }
  for (const [view, data] of SAMPLES) {
    const found = data.found ? { found: { ...data.found, ...evil } } : {}
    const named = { ...evil, ...links, domains: [EVIL], contacts: [EVIL] }
    const organizations = data.organization
      ? { organization: { ...data.organization, ...named }, other: { ...data.organization, ...named } }
      : {}
    const lines = { domains: `</textarea>${EVIL}`, contacts: EVIL, start: EVIL, deadline: EVIL }
    const html = page(view, {
      ...data,
      ...evil,
      ...links,
      ...found,
      ...organizations,
      organizations: [{ ...named, status: 'active', phase: 'none', from: 'record', to: {} }],
      others: [named],
      names: [EVIL],
      into: named,
      was: lines,
      text: EVIL,
      again: EVIL,
      changes: [{ field: 'name', from: EVIL, to: EVIL }],
      who: evil,
      kinds: [EVIL],
      filters: { kind: EVIL, person: EVIL },
      person: { ...person, ...evil, ...links, roles: [EVIL], phone: { hint: EVIL } },
      people: [row],
      cases: [row],
      q: EVIL,
      unknown: EVIL,
      typed: /none$|move$/.test(view)
        ? EVIL
        : { ...evil, ...lines, person: EVIL, reference: EVIL, note: `</textarea>${EVIL}` },
      closedBy: EVIL,
      code: EVIL,
      deliveries: [
        { channel: 'email', person: evil, href: EVIL, id: EVIL, reason: EVIL, attempt: 1, createdAt: 0, dueAt: 0 },
      ],
      keys: [{ kid: EVIL, alg: EVIL, state: 'next', createdAt: 1 }],
      states: [{ name: 'failed', href: EVIL, current: 'page' }],
      rotateHref: EVIL,
      first: EVIL,
      next: EVIL,
      records: [{ ...record, actor: { text: EVIL, note: EVIL }, subject: { code: EVIL } }],
    })
    expect(html, view).not.toMatch(/<script>|"">|<\/textarea>"/)
  }
})
