/** What the configuration of two-step verification may say, and how it is refused where it may not. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config.ts'
import type { Variables } from '../../../src/lib/environment.ts'
import { type Fault, InputError } from '../../../src/lib/errors.ts'

const root = resolve(import.meta.dirname, '../../..')
const folder = mkdtempSync(join(tmpdir(), 'sigma-id-campaign-'))
afterAll(() => rmSync(folder, { recursive: true }))

function load(twoStep: unknown, env: Variables = {}) {
  const file = join(folder, 'config.yaml')
  const listen = { port: 3000 }
  const all = {
    issuer: 'http://localhost:3000',
    listen,
    operations: { port: 3010 },
    data: join(folder, 'data'),
    twoStep,
  }
  writeFileSync(file, JSON.stringify(all))
  return loadConfig(root, { SIGMA_CONFIG: file, ...env }).twoStep
}

function faultsOf(twoStep: unknown): Fault[] {
  try {
    load(twoStep)
  } catch (error) {
    if (error instanceof InputError) return error.faults
    throw error
  }
  return []
}

test('without it nobody is asked, and text messages go to the Netherlands by no carrier', () => {
  expect(load(undefined)).toMatchObject({
    campaign: { organizations: new Map(), roles: new Map(), exempt: [] },
    sms: { countries: ['NL'], carriers: [] },
  })
})

test('days begin at midnight UTC, moments say their own zone, and who is exempt is known by the key of an address', () => {
  const { campaign } = load({
    campaign: {
      everyone: { start: '2026-10-01', deadline: '2026-12-01T08:00:00+01:00' },
      exempt: [{ email: 'Sanne@Bücher.example', until: '2027-01-15', reason: 'on leave' }],
    },
  })
  expect(campaign.everyone).toEqual({
    start: Date.parse('2026-10-01T00:00:00Z'),
    deadline: Date.parse('2026-12-01T07:00:00Z'),
  })
  // By its key: in whatever spelling it is written here or there, it is one address.
  const exempt = { emailKey: 'sanne@xn--bcher-kva.example', until: Date.parse('2027-01-15T00:00:00Z') }
  expect(campaign.exempt).toEqual([{ ...exempt, reason: 'on leave' }])
})

const period = { start: '2026-10-01', deadline: '2026-12-01' }
const exemption = { email: 'sanne@sigma.example', until: '2027-01-15', reason: 'on leave' }
const twilio = { kind: 'twilio', accountSid: 'AC1', token: 'TWILIO_TOKEN', from: '+31600000000' }

test('organizations are found by any spelling, and keep the one that is written', () => {
  const { organizations } = load({ campaign: { organizations: { ' Bakkerij De Vries': period } } }).campaign
  expect([...organizations]).toEqual([
    [
      'bakkerij de vries',
      { name: ' Bakkerij De Vries', start: Date.parse('2026-10-01'), deadline: Date.parse('2026-12-01') },
    ],
  ])
})

test.each<[string, unknown, string]>([
  [
    'a deadline before the start',
    { campaign: { everyone: { start: '2026-12-01', deadline: '2026-10-01' } } },
    'campaign.everyone',
  ],
  [
    'the same of an organization',
    { campaign: { organizations: { Bakkerij: { start: '2026-12-01', deadline: '2026-10-01' } } } },
    'campaign.organizations.Bakkerij',
  ],
  [
    'an organization twice',
    { campaign: { organizations: { 'Bakkerij de Vries': period, 'bakkerij De Vries ': period } } },
    'campaign.organizations.bakkerij De Vries ',
  ],
  ['an organization without a name', { campaign: { organizations: { ' ': period } } }, 'campaign.organizations. '],
  [
    'an organization by a name that every object has',
    { campaign: { organizations: JSON.parse('{"__proto__":{"start":"2026-10-01"}}') } },
    'campaign.organizations.__proto__',
  ],
  ['a role by such a name', { campaign: { roles: { constructor: period } } }, 'campaign.roles.constructor'],
  ['organizations that are a list', { campaign: { organizations: ['Bakkerij'] } }, 'campaign.organizations'],
  ['an organization with odd dates', { campaign: { organizations: { a: [] } } }, 'campaign.organizations.a'],
  ['no start', { campaign: { roles: { owner: { deadline: '2026-12-01' } } } }, 'campaign.roles.owner.start'],
  ['a day that there is not', { campaign: { everyone: { start: '2026-02-30' } } }, 'campaign.everyone.start'],
  ['a month that there is not', { campaign: { everyone: { start: '2026-13-01' } } }, 'campaign.everyone.start'],
  ['a date the other way round', { campaign: { everyone: { start: '01-12-2026' } } }, 'campaign.everyone.start'],
  ['a year', { campaign: { everyone: { start: '2026' } } }, 'campaign.everyone.start'],
  ['a moment without a zone', { campaign: { everyone: { start: '2026-10-01T08:00:00' } } }, 'campaign.everyone.start'],
  ['a word that nobody knows', { campaign: { everyone: { ...period, grace: '7d' } } }, 'campaign.everyone.grace'],
  [
    'an exemption without a reason',
    { campaign: { exempt: [{ ...exemption, reason: '' }] } },
    'campaign.exempt[0].reason',
  ],
  [
    'an exemption without an end',
    { campaign: { exempt: [{ ...exemption, until: undefined }] } },
    'campaign.exempt[0].until',
  ],
  ['an exemption of nobody', { campaign: { exempt: [{ ...exemption, email: 'sanne' }] } }, 'campaign.exempt[0].email'],
  ['a country by its name', { sms: { countries: ['Nederland'] } }, 'sms.countries[0]'],
  ['a country that there is not', { sms: { countries: ['NL', 'XX'] } }, 'sms.countries[1]'],
  ['no country', { sms: { countries: [] } }, 'sms.countries'],
  ['three carriers', { sms: { carriers: [twilio, twilio, twilio] } }, 'sms.carriers'],
  ['a carrier that nobody knows', { sms: { carriers: [{ kind: 'pigeon' }] } }, 'sms.carriers[0].kind'],
  [
    'a carrier with its secret in the file',
    { sms: { carriers: [{ ...twilio, token: 'sk-123 456' }] } },
    'sms.carriers[0].token',
  ],
  ['a carrier without a sender', { sms: { carriers: [{ ...twilio, from: undefined }] } }, 'sms.carriers[0]'],
  [
    'a carrier at no address',
    { sms: { carriers: [{ kind: 'http', url: 'gateway', token: 'TOKEN' }] } },
    'sms.carriers[0].url',
  ],
  [
    'a store of the app that is a script',
    { companyApp: { stores: [{ name: 'x', href: 'javascript:alert(1)' }] } },
    'companyApp.stores[0].href',
  ],
])('%s is refused, with its place', (_what, twoStep, path) => {
  expect(faultsOf(twoStep).map((fault) => fault.path)).toEqual([`twoStep.${path}`])
})

test('two carriers are taken, the second for when the first fails', () => {
  const http = { kind: 'http', url: 'https://sms.example.org/send', token: 'GATEWAY_TOKEN' }
  const tokens = { TWILIO_TOKEN: 'canary', GATEWAY_TOKEN: 'canary' }
  expect(load({ sms: { carriers: [twilio, http], countries: ['NL', 'BE'] } }, tokens).sms).toMatchObject({
    carriers: [{ kind: 'twilio' }, { kind: 'http' }],
    countries: ['NL', 'BE'],
  })
})

test('a carrier whose credential the environment lacks is told before anything is made', () => {
  expect(faultsOf({ sms: { carriers: [twilio] } })).toEqual([
    { path: 'twoStep.sms.carriers[0].token', reason: 'TWILIO_TOKEN is not set in the environment' },
  ])
})
