/** What of a configuration is taken up while the process runs, and what is only told. */
import { expect, test } from 'vitest'
import { campaignRules } from '../../../src/app/campaign.ts'
import { takeUp } from '../../../src/app/reload.ts'
import type { Config } from '../../../src/config.ts'
import { settings } from '../../../src/settings.ts'
import { knownOrganizations, organization } from '../../support/unit/organizations.ts'

const NEXT = '2027-01-01'

const LEAST = { issuer: 'https://id.example.org', listen: { port: 1 }, operations: { port: 2 } }
const ENVIRONMENT = {
  production: true,
  root: '/srv',
  configuredBy: '/srv/config/production.yaml (NODE_ENV=production)',
  keys: [{ id: 'a', key: Buffer.alloc(32, 1) }],
  mongodbUrl: undefined,
  redisUrl: undefined,
  smtpUrl: 'smtps://user:canary@mail.example.org',
  environment: { fault: () => undefined, asked: () => [] },
}

function configured(given: Record<string, unknown> = {}, environment: Partial<Config> = {}): Config {
  return { ...settings.parse({ ...LEAST, ...given }), ...ENVIRONMENT, secret: () => undefined, ...environment }
}

test.each<[string, Record<string, unknown>, taken: string[], restart: string[]]>([
  ['nothing', {}, [], []],
  ['the level of the log', { log: { level: 'debug' } }, ['log.level'], []],
  ['limits', { throttle: { perAddress: 7, linksPerHour: 9 } }, ['throttle.perAddress', 'throttle.linksPerHour'], []],
  ['what passwords that came along owe', { imported: { passwords: 'ask' } }, ['imported.passwords'], []],
  ['lives of links', { links: { activation: '48h' } }, ['links.activation'], []],
  [
    'dates of the campaign',
    {
      twoStep: {
        campaign: { everyone: { start: '2026-12-01' }, organizations: { Bakkerij: { start: '2026-12-01' } } },
      },
    },
    ['twoStep.campaign.organizations', 'twoStep.campaign.everyone'],
    [],
  ],
  ['a name', { brand: { name: 'Other' } }, [], ['brand.name']],
  ['where to listen', { listen: { port: 5 } }, [], ['listen.port']],
  [
    'a listener that was not there',
    { admin: { origin: 'https://a.example', listen: { port: 9 } } },
    [],
    ['admin.origin', 'admin.listen'],
  ],
  ['a list', { egress: ['http://localhost:3001'] }, [], ['egress']],
  [
    'some of each',
    { log: { level: 'warn' }, session: { idle: '5m' }, twoStep: { sms: { perCountryHour: 3 } } },
    ['log.level'],
    ['session.idle', 'twoStep.sms.perCountryHour'],
  ],
])('%s', (_what, given, taken, restart) => {
  const config = configured()
  const next = configured(given)
  expect(takeUp(config, next)).toEqual({
    taken: expect.arrayContaining(taken),
    restart: expect.arrayContaining(restart),
  })
  expect(takeUp(configured(), next)).toMatchObject({
    taken: { length: taken.length },
    restart: { length: restart.length },
  })
  // Taken up is taken up; the rest is as it was, and is told again.
  expect(takeUp(config, next)).toEqual({ taken: [], restart: expect.arrayContaining(restart) })
})

test('whoever holds a part of the configuration sees what was taken up', () => {
  const config = configured({ twoStep: { campaign: { everyone: { start: '2026-12-01' } } } })
  const { throttle, links } = config
  const { campaign } = config.twoStep
  takeUp(config, configured({ throttle: { perMinute: 5 }, links: { recovery: '5m' } }))
  expect([throttle.perMinute, links.recovery, campaign.everyone]).toEqual([5, 300_000, undefined])
})

test('dates that were taken up count for whoever signs in next', () => {
  const config = configured({ twoStep: { campaign: { everyone: { start: '2026-12-01' } } } })
  const rules = campaignRules(config, knownOrganizations({ one: organization('Bakkerij') }))
  const dates = { everyone: { start: '2026-11-01' }, organizations: { Bakkerij: { start: '2026-10-01' } } }
  const more = { roles: { owner: { start: '2026-09-01' } }, exempt: [{ email: 'a@b.nl', until: NEXT, reason: 'ill' }] }
  takeUp(config, configured({ twoStep: { campaign: { ...dates, ...more } } }))
  const starts = [rules.everyone, rules.organizations.get('one'), rules.roles.get('owner')].map((one) => one?.start)
  expect(starts).toEqual(['2026-11-01', '2026-10-01', '2026-09-01'].map((day) => Date.parse(day)))
  expect(rules.exempt).toEqual([{ emailKey: 'a@b.nl', until: Date.parse(NEXT), reason: 'ill' }])
})

test('other keys, and other servers, are told by their names only', () => {
  const environment = { keys: [{ id: 'b', key: Buffer.alloc(32, 2) }], smtpUrl: 'smtps://user:other@mail.example.org' }
  const told = takeUp(configured(), configured({}, environment))
  expect(told).toEqual({ taken: [], restart: expect.arrayContaining(['keys', 'smtpUrl']) })
  expect(JSON.stringify(told)).not.toMatch(/canary|other|mail\.example/)
})

test('a secret in a file that was written anew is told by its name', () => {
  const [asked, fault] = [() => ['SIGMA_KEYS', 'ROSTER_SECRET', 'PORTAL_SECRET'], () => undefined]
  const running = configured({}, { secret: (name) => `${name}-canary`, environment: { asked, fault } })
  const next = configured({}, { secret: (name) => (name === 'ROSTER_SECRET' ? 'other' : `${name}-canary`) })
  expect(takeUp(running, next)).toEqual({ taken: [], restart: ['ROSTER_SECRET'] })
})
