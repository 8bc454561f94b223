/** Every verb has its place in the API, and the document says what is run. */
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { VERBS } from '../../../../src/admin/verbs.ts'
import { ADMIN_SCOPES } from '../../../../src/client/scopes.ts'
import { openApi } from '../../../../src/web/api/openapi.ts'
import { ROUTES, ROWS } from '../../../../src/web/api/routes.ts'

const issuer = 'https://id.example.org'
// biome-ignore lint/suspicious/noExplicitAny: a document of JSON
const document: any = openApi({ issuer, address: `${issuer}/admin/api/v1`, product: 'Sigma ID' })

test('every verb has a row in src/web/api/routes.ts, and every row a verb', () => {
  expect(ROUTES.map(({ verb }) => verb.name)).toEqual(VERBS.map(({ name }) => name))
  expect(Object.keys(ROWS).toSorted()).toEqual(VERBS.map(({ name }) => name).toSorted())
})

test('no two have the same address and method, and each has a scope that there is', () => {
  const places = ROUTES.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`)
  expect(new Set(places).size).toBe(places.length)
  for (const { scope } of ROUTES) expect(ADMIN_SCOPES).toContain(scope)
})

describe.each(ROUTES.map((route) => [route.verb.name, route] as const))('%s', (_name, route) => {
  const operation = document.paths[route.path][route.method.toLowerCase()]

  test('looks with GET and changes with anything else, but for a file', () => {
    const looks = !route.verb.sensitive || route.verb.file
    if (route.method === 'GET') expect(looks).toBe(true)
    else
      expect(
        route.verb.sensitive ||
          ['clients:plan', 'invitations:plan', 'client:preview', 'resource:preview', 'client:doctor'].includes(
            route.verb.name,
          ),
      ).toBe(true)
  })

  test('names inputs of the verb in its path', () => {
    for (const name of route.named) expect(route.verb.input.shape).toHaveProperty(name)
  })

  test('what makes something is posted, and says where it is', () => {
    if (!route.makes) return
    expect(route.method).toBe('POST')
    if (route.path.split('/').length === 2) expect(route.made).toBeDefined()
  })

  test('is in the document with its scope, its headers, and an answer', () => {
    expect(operation.security).toEqual([{ token: [route.scope] }])
    const names = (operation.parameters ?? []).map(({ name }: { name: string }) => name)
    expect(names.includes('If-Match')).toBe(route.versioned)
    expect(names.includes('Idempotency-Key')).toBe(route.makes !== undefined)
    for (const name of route.named) expect(names).toContain(name)
    const { content } = operation.responses[route.makes ? '201' : '200']
    for (const { schema } of Object.values<{ schema: { $ref?: string; type?: string } }>(content))
      expect(schema.$ref ? document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] : schema.type).toBeDefined()
  })
})

test('every reference in the document leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) =>
    path.split('/'),
  )
  expect(references.length).toBeGreaterThan(100)
  for (const path of references)
    expect(
      path.reduce((at, part) => at?.[part], document),
      path.join('/'),
    ).toBeDefined()
})

test('the document of one address is the same each time, so that its entity tag is', () => {
  const again = openApi({ issuer, address: `${issuer}/admin/api/v1`, product: 'Sigma ID' })
  expect(JSON.stringify(again)).toBe(JSON.stringify(document))
})

test('an answer that says more than its shape is told', () => {
  for (const { answer, verb } of ROUTES) {
    if (!(answer instanceof z.ZodObject) || verb.name === 'person:export') continue
    const checked = answer.safeParse({ digest: 'x', passwordHash: 'x' })
    expect(
      checked.error?.issues.some(({ code }) => code === 'unrecognized_keys'),
      verb.name,
    ).toBe(true)
  }
})
