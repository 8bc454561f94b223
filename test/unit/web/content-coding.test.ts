/** Accept-Encoding, as RFC 9110 section 12.5.3 has it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Coding, codingFor } from '../../../src/web/content-coding.ts'

test.each<[accepted: string, coding: Coding | undefined]>([
  // What browsers send: by https, and by http.
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip, deflate', 'gzip'],
  ['br', 'br'],
  ['GZip', 'gzip'],
  ['gzip;q=1.0, br;q=0.5', 'gzip'],
  ['br;q=0.5, gzip;q=0.501', 'gzip'],
  ['br ; q=0.8 , gzip;Q=0.8', 'br'],
  ['br;q=0, gzip', 'gzip'],
  ['br;q=0.001', 'br'],
  ['*', 'br'],
  ['*;q=0.5, gzip', 'gzip'],
  ['br;q=0, *', 'gzip'],
  ['gzip, identity', 'gzip'],
  ['gzip;q=0.5, identity', 'identity'],
  ['', 'identity'],
  ['identity', 'identity'],
  ['zstd, deflate', 'identity'],
  ['x-unknown', 'identity'],
  ['br;q=0, gzip;q=0', 'identity'],
  ['*;q=0, identity', 'identity'],
  ['identity;q=0, br', 'br'],
  ['identity;q=0, *;q=0.1', 'br'],
  ['identity;q=0', undefined],
  ['*;q=0', undefined],
  ['zstd, identity;q=0', undefined],
  ['br;q=0, gzip;q=0, *;q=0', undefined],
  // What cannot be read asks for nothing.
  ['br;q=2, gzip;q=0.2', 'gzip'],
  ['br;q=-1', 'identity'],
  ['br;q=0.0001', 'identity'],
  ['br;q=x', 'identity'],
  ['br;level=11', 'identity'],
  [',;,;q=1,', 'identity'],
])('%j is answered in %s', (accepted, coding) => expect(codingFor(accepted)).toBe(coding))

test('what is offered in no other coding goes as it is, unless that is ruled out', () => {
  expect(codingFor('br, gzip', ['identity'])).toBe('identity')
  expect(codingFor('br, identity;q=0', ['identity'])).toBeUndefined()
})

test('no header makes it answer in a coding that is not named', () => {
  fc.assert(
    fc.property(fc.string(), (accepted) => {
      const coding = codingFor(accepted)
      if (coding === 'br' || coding === 'gzip') expect(accepted.toLowerCase()).toMatch(new RegExp(`\\*|${coding}`))
    }),
  )
})
