/** Signing keys rotate while tokens are made and checked, and nobody notices (R-11, OAU-13). */
import { setTimeout as pause } from 'node:timers/promises'
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { pass, stopClock } from '../../support/app/clock.ts'
import { basic, codeFields, mint, post } from '../../support/oidc/raw-oauth.ts'
import { answer, type RelyingParty, relyingParty, type World, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'

let here: World
let house: RelyingParty
let second: RelyingParty
let sanne: Person

// A world for each, so that time only goes forward in it.
beforeEach(async () => {
  stopClock()
  here = await world({ settings: { session: { absolute: '120h', idle: '120h' } } })
  house = await relyingParty(here, 'house')
  second = await relyingParty(here, 'second')
  sanne = new Person()
  await house.signIn(sanne)
})
afterEach(async () => {
  await here.stop()
  vi.useRealTimers()
})

async function published(): Promise<Array<{ kid: string; alg: string; use: string; d?: string }>> {
  const { keys } = (await (await fetch(`${here.app.origin}/jwks`)).json()) as {
    keys: Array<{ kid: string; alg: string; use: string }>
  }
  return keys
}

function kidOf(token: string | undefined): string {
  return decodeProtectedHeader(token ?? '').kid ?? ''
}

test('the key set has the next key a day before it signs, unique ids, and nothing private', async () => {
  const before = await published()
  expect(before.map(({ alg }) => alg).sort()).toEqual(['ES256', 'ES256', 'RS256', 'RS256'])
  expect(new Set(before.map(({ kid }) => kid)).size).toBe(4)
  for (const key of before) {
    expect(key.use).toBe('sig')
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(secret)
  }
  pass(23 * HOUR)
  expect(await here.app.core.keys.rotate()).toBe('too-early')
  expect(await here.app.oidc.refresh()).toBe(false)
  pass(HOUR + MINUTE)
  expect(await here.app.core.keys.rotate()).toBe('rotated')
  const old = kidOf((await house.signIn(sanne)).id_token)
  expect(await here.app.oidc.refresh()).toBe(true)
  const { id_token } = await house.signIn(sanne)
  expect(kidOf(id_token)).not.toBe(old)
  expect(before.map(({ kid }) => kid)).toContain(kidOf(id_token))
})

test('an id_token_hint signed by the previous key is accepted, for signing in and out', async () => {
  const { id_token = '' } = await house.signIn(sanne)
  pass(25 * HOUR)
  expect(await here.app.core.keys.rotate()).toBe('rotated')
  await here.app.oidc.refresh()
  await house.open(sanne, { id_token_hint: id_token, prompt: 'none' })
  expect(answer(sanne).has('code')).toBe(true)
  await sanne.visit(`${here.app.origin}/session/end?${new URLSearchParams({ id_token_hint: id_token })}`)
  expect(sanne.page.html).toContain('data-automatic')
})

test('a sitting, a session and a refresh token go on across a rotation', async () => {
  const tokens = await house.signIn(sanne)
  const stranger = new Person()
  const request = await second.request()
  await stranger.visit(request.url.href)
  pass(10 * MINUTE)
  expect(await here.app.core.keys.rotate({ forced: true })).toBe('rotated')
  await here.app.oidc.refresh()
  await stranger.submit({ email: 'sanne@sigma.example', password: 'vier losse woorden samen' })
  expect((await second.redeem(stranger.page.url, request)).claims()?.aud).toBe('second')
  expect((await house.refresh(tokens.refresh_token)).claims()?.sub).toBe(tokens.claims()?.sub)
})

test('50 tokens a second while the keys rotate twice: every one is accepted by who cached the key set', async () => {
  // An application that fetched the key set once and looks again only for a key it does not know, at most every 30 s.
  const keys = createRemoteJWKSet(new URL(`${here.app.origin}/jwks`), { cacheMaxAge: 400 * HOUR })
  const headers = { house: basic('house', house.secret), second: {} }
  const kids = new Set<string>()
  const failures: unknown[] = []
  const made: string[] = []

  async function check(token: string): Promise<void> {
    await jwtVerify(token, keys, { issuer: here.app.origin, clockTolerance: (100 * HOUR) / SECOND })
  }
  async function issue(party: RelyingParty): Promise<void> {
    const fields = codeFields(party, await mint(party, sanne))
    const body = party === house ? fields : { ...fields, client_id: 'second', client_secret: second.secret }
    const tokens = await post(`${here.app.origin}/token`, body, party === house ? headers.house : {})
    const token = String(tokens.body.id_token)
    await check(token)
    kids.add(kidOf(token))
    made.push(token)
  }

  async function rotate(): Promise<void> {
    expect(await here.app.core.keys.rotate()).toBe('rotated')
    expect(await here.app.oidc.refresh()).toBe(true)
  }

  await second.signIn(sanne)
  const running: Array<Promise<unknown>> = []
  const started = performance.now()
  for (let at = 0; at < 150; at += 1) {
    if (at === 50 || at === 100) {
      // A day later: a code does not live that long, so those under way end first.
      await Promise.all(running)
      pass(25 * HOUR)
    }
    if (at === 60 || at === 110) running.push(rotate())
    running.push(issue(at % 2 === 0 ? house : second).catch((failure: unknown) => failures.push(failure)))
    await pause(Math.max(0, started + at * 20 - performance.now()))
  }
  await Promise.all(running)
  expect(failures).toEqual([])
  expect(made).toHaveLength(150)
  expect(kids.size).toBe(6)
  // What was signed by the key before the last is still good while the key set holds it.
  const stillThere = new Set((await published()).map(({ kid }) => kid))
  const later = createRemoteJWKSet(new URL(`${here.app.origin}/jwks`))
  for (const token of made.filter((candidate) => stillThere.has(kidOf(candidate))))
    await jwtVerify(token, later, { clockTolerance: (100 * HOUR) / SECOND })
  expect([...kids].every((kid) => stillThere.has(kid))).toBe(true)
})
