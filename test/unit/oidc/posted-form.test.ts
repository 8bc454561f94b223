import type { KoaContextWithOIDC } from 'oidc-provider'
// @ts-expect-error: the library's own page, of which it has no types.
import formPost from 'oidc-provider/lib/response_modes/form_post.js'
import { expect, test } from 'vitest'
import { postedForm } from '../../../src/oidc/posted-form.ts'

test('what the library would post is read from its page as it was put in', () => {
  const ctx = { status: 200, response: { get: () => '' } } as unknown as KoaContextWithOIDC
  const fields = { code: 'x', state: `a"'<b>&amp;c &#39; ü\n"/><input type="hidden" name="iss" value="y"/>`, iss: 'z' }
  formPost(ctx, 'https://app.example/back?a=1&b=2', fields)
  expect(postedForm(ctx.body)).toEqual({
    action: 'https://app.example/back?a=1&b=2',
    fields: Object.entries(fields),
  })
})

test('any other answer is left alone', () => {
  expect(postedForm(undefined)).toBeUndefined()
  expect(postedForm({ keys: [] })).toBeUndefined()
  expect(postedForm('<form method="post" action="/x">')).toBeUndefined()
})
