/** What tests leave out of a page before they look for what must not be in it. */
import { randomBytes, randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { randomToken } from '../../../src/lib/crypto.ts'
import { withoutRandom } from '../../support/runner/random.ts'

test('what differs each time goes, and words, paths and numbers stay', () => {
  const page = (nonce: string, token: string, id: string, reference: string) =>
    `<script nonce="${nonce}" src="/assets/sigma.js?v=${token.slice(0, 12)}"></script><a href="/interaction/${token}/login">
    <input name="csrf" value="${token}"><i id="app-${id}">Sanne, at node_modules/koa/lib/response.ts:12, 1234 5678</i><code>${reference}</code>
    script-src 'nonce-${nonce}'`
  const one = page(randomBytes(16).toString('base64'), randomToken(), randomUUID(), 'ABCDEFG2')
  const other = page(randomBytes(16).toString('base64'), randomToken(), randomUUID(), '3XYZKLMN')
  expect(withoutRandom(one)).toBe(withoutRandom(other))
  expect(withoutRandom(one)).toContain('Sanne, at node_modules/koa/lib/response.ts:12, 1234 5678')
  expect(withoutRandom(one)).toContain('/login')
})
