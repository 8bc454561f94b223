import { describe, expect, test } from 'vitest'
import { type Difference, nearestAddress, plainAddress } from '../../../src/oidc/nearest-address.ts'

const CALLBACK = 'https://app.example.org:8443/sign-in/callback'
const PLAIN = { anyPort: false }

describe('an address that is not on record is told from the nearest that is', () => {
  test.each<[string, string, Difference[]]>([
    ['a slash at the end', `${CALLBACK}/`, ['slash']],
    ['another case of the path', CALLBACK.replace('sign-in', 'Sign-In'), ['case']],
    ['http', CALLBACK.replace('https', 'http'), ['scheme']],
    ['another port', CALLBACK.replace('8443', '3000'), ['port']],
    ['no port', CALLBACK.replace(':8443', ''), ['port']],
    ['a query', `${CALLBACK}?x=1`, ['query']],
    ['an empty query', `${CALLBACK}?`, ['query']],
    ['a fragment', `${CALLBACK}#x`, ['fragment']],
    ['an empty fragment', `${CALLBACK}#`, ['fragment']],
    ['another path', CALLBACK.replace('callback', 'return'), ['path']],
    ['another host', CALLBACK.replace('app.', 'www.'), ['host']],
    ['a user name', CALLBACK.replace('app.', 'user@app.'), ['user']],
    ['capital letters in the host', CALLBACK.replace('app.', 'APP.'), ['spelling']],
    ['dots in the path', CALLBACK.replace('/sign-in', '/x/../sign-in'), ['spelling']],
    ['a port and a path', CALLBACK.replace('8443/sign-in', '3000/log-in'), ['port', 'path']],
  ])('%s', (_what, refused, differs) => {
    const others = ['https://other.example.org/x', 'org.example.app:/callback']
    expect(nearestAddress(refused, [...others, CALLBACK], PLAIN)).toEqual({ address: CALLBACK, differs })
  })

  test('the one that differs least is named', () => {
    const registered = ['http://localhost:3000/callback', 'http://127.0.0.1:3000/callback/']
    expect(nearestAddress('http://127.0.0.1:3000/callback', registered, PLAIN)).toEqual({
      address: registered[0],
      differs: ['host'],
    })
    expect(nearestAddress('http://127.0.0.1:3000/callback', registered.slice(1), PLAIN)).toEqual({
      address: registered[1],
      differs: ['slash'],
    })
  })

  test('an app that listens on any port of its own machine does not differ by it', () => {
    const registered = ['http://127.0.0.1/callback']
    expect(nearestAddress('http://127.0.0.1:51234/other', registered, { anyPort: true })?.differs).toEqual(['path'])
  })

  test.each(['https://evil.example/', 'http://app.example.org/other', 'javascript:alert(1)', 'not an address', ''])(
    '%s is near none',
    (refused) => {
      expect(nearestAddress(refused, [CALLBACK], PLAIN)).toBeUndefined()
    },
  )

  test('nothing is near where nothing is on record', () => {
    expect(nearestAddress(CALLBACK, [], PLAIN)).toBeUndefined()
  })
})

test.each([
  ['https://app.example.org:8443/a/b?token=x#y', 'https://app.example.org:8443/a/b'],
  ['https://user:secret@app.example.org/', 'https://app.example.org/'],
  ['org.example.app:/callback?x', 'org.example.app:/callback'],
  ['javascript:alert(document.cookie)', 'javascript:'],
  ['data:text/html,secret', 'data:'],
  ['/\\evil.example', 'not an address'],
  ['https://app.example.org/a\nb', 'https://app.example.org/ab'],
  [`https://app.example.org/${'x'.repeat(900)}`, `https://app.example.org/${'x'.repeat(176)}`],
])('%j is kept as %s', (address, kept) => expect(plainAddress(address)).toBe(kept))
