/** What a check says of what a store keeps, by the settings and by this machine's clock. */
import { expect, test } from 'vitest'
import { checkClock, checkKeys, checkPasskeys, checkTime, type KeptPasskeys } from '../../../src/check/kept.ts'
import { DAY, HOUR, SECOND, SKEW } from '../../../src/lib/time.ts'

const NOW = Date.UTC(2026, 10, 30, 12)

test.each([
  ['nothing is lacking', { passwordKeys: ['here'], signingKeys: ['here'], rootKeys: ['here'] }, 'ok', 'has every key'],
  [
    'what passwords need',
    { passwordKeys: ['old'], signingKeys: ['old'], rootKeys: [] },
    'fault',
    'lacks old, which kept passwords',
  ],
  [
    'what signing keys need',
    { passwordKeys: [], signingKeys: ['old'], rootKeys: ['old'] },
    'fault',
    'lacks old, which kept signing',
  ],
  [
    'what a server has had',
    { passwordKeys: [], signingKeys: [], rootKeys: ['old'] },
    'warning',
    'lacks old, which a server',
  ],
])('of root keys: %s', (_what, kept, level, found) => {
  expect(checkKeys([{ id: 'here' }], kept)).toMatchObject({ level, found: expect.stringContaining(found) })
})

test.each<[string, KeptPasskeys[], string | undefined, unknown[]]>([
  ['nobody has one', [], 'id.example.org', []],
  [
    'all are for the name that is set',
    [{ rpId: 'id.example.org', people: 3 }],
    'id.example.org',
    [['ok', 'is id.example.org, for which 3 people have passkeys', undefined]],
  ],
  [
    'some are for others',
    [
      { rpId: 'id.example.org', people: 3 },
      { rpId: 'sso.example.org', people: 1 },
      { rpId: 'old.example.org', people: 12 },
    ],
    'id.example.org',
    [
      [
        'warning',
        'is id.example.org, and 12 people have passkeys for old.example.org, 1 person has passkeys for sso.example.org',
        expect.stringContaining('set passkeys.rpId to old.example.org, '),
      ],
    ],
  ],
  [
    'the issuer is an address',
    [{ rpId: 'old.example.org', people: 2 }],
    undefined,
    [
      [
        'warning',
        expect.stringMatching(/^is none: .*, and 2 people have passkeys for old\.example\.org$/),
        expect.anything(),
      ],
    ],
  ],
])('passkeys: %s', (_when, kept, rpId, expected) => {
  const found = checkPasskeys(kept, rpId)
  expect(found.map(({ level, found, remedy }) => [level, found, remedy])).toEqual(expected)
  for (const { name } of found) expect(name).toBe('passkeys.rpId')
})

test.each<[string, number, string, RegExp]>([
  ['stands where the last record is', 0, 'ok', /^fits/],
  ['is behind it by as little as two nodes may be apart', -SKEW, 'ok', /^fits/],
  ['is behind it', -SKEW - SECOND, 'warning', /^stands 11 s before .* of 2026-11-30T12:00:00\.000Z$/],
  ['is years behind it', -700 * DAY, 'warning', /^stands 700 days before/],
  ['is a month ahead of it', 31 * DAY, 'ok', /^fits/],
  ['is more than a month ahead of it', 32 * DAY, 'warning', /^stands 32 days after/],
])('a clock that %s', (_what, ahead, level, found) => {
  expect(checkClock(NOW, NOW + ahead)).toMatchObject({ level, name: 'clock', found: expect.stringMatching(found) })
})

test.each<[string, number | undefined, number | undefined, Array<string | RegExp>]>([
  ['a server believed its clock an hour ago', NOW - HOUR, NOW, ['fits the last record of the audit trail']],
  ['none did for two months', NOW - 60 * DAY, NOW, [/^stands 60 days after what the store knows, so nothing old is/]],
  ['none ever did', undefined, NOW, ['fits the last record of the audit trail']],
  ['the store has a clock of its own', NOW - HOUR, undefined, []],
  ['it has, and none did for two months', NOW - 60 * DAY, undefined, [/^stands 60 days after/]],
])('the clock where %s', (_when, known, last, expected) => {
  const found = checkTime(known, last, NOW).map(({ name, found: what }) => [name, what])
  expect(found).toEqual(expected.map((what) => ['clock', expect.stringMatching(what)]))
})
