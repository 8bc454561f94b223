/** web/csrf.ts: whose forms count, also after the keys have changed. */
import type { ParameterizedContext } from 'koa'
import { describe, expect, test } from 'vitest'
import type { CookieJar } from '../../../src/web/cookies.ts'
import { csrf } from '../../../src/web/csrf.ts'

const [older, current] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]

/** A browser with this cookie opens a page. */
function opened(cookie: string | undefined) {
  const kept: { form?: string | undefined } = { form: cookie }
  const jar: CookieJar = {
    get: () => kept.form,
    set: (_ctx, _name, value) => {
      kept.form = value
    },
  }
  return { kept, jar, ctx: { method: 'GET', state: {} } as ParameterizedContext }
}

describe('a form', () => {
  const { kept, jar, ctx } = opened(undefined)
  const token = csrf([older], jar).token(ctx)

  test('of this browser counts', () => {
    expect(() => csrf([older], jar).assert(ctx, { csrf: token })).not.toThrow()
  })

  test('that was open when the key changed still counts, and the next one has the new key', () => {
    const after = csrf([current, older], jar)
    expect(() => after.assert(ctx, { csrf: token })).not.toThrow()
    expect(after.token(ctx)).not.toBe(token)
    expect(() => after.assert(ctx, { csrf: after.token(ctx) })).not.toThrow()
  })

  test.each<[string, string | undefined, Record<string, string>]>([
    ['attack: by a key that is gone', kept.form, { csrf: token }],
    ['attack: without a token', kept.form, {}],
    ['attack: of another browser', 'x'.repeat(43), { csrf: csrf([current], jar).token(ctx) }],
    ['attack: of a browser without the cookie', undefined, { csrf: csrf([current], jar).token(ctx) }],
  ])('%s does not count', (_what, cookie, fields) => {
    const other = opened(cookie)
    const attempt = () => csrf([current], other.jar).assert(other.ctx, fields)
    expect(attempt).toThrow(expect.objectContaining({ code: 'stale-form', status: 403 }))
  })
})

test('without a key is a fault', () => {
  expect(() => csrf([], opened(undefined).jar)).toThrow('at least one key')
})
