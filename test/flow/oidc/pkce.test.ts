/** Applications whose library has no PKCE (RFC 9700 sections 2.1.1 and 4.8.2): what their record may say, and what holds all the same. */
import { decodeJwt } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import { record } from '../../support/oidc/client-records.ts'
import { basic, codeFields, type Fields, mint, post } from '../../support/oidc/raw-oauth.ts'
import { answer, type RelyingParty, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

/** A request by a library that has never heard of PKCE. */
const WITHOUT = { code_challenge: '', code_challenge_method: '' }
const NO_NONCE = { nonce: '' }

const sanne = new Person()

const here = forAllTests(() =>
  world({
    more: [
      record('nonced', { require_pkce: false }),
      record('bare', { require_pkce: false, require_nonce: false }),
      record('eager', { require_nonce: true }),
    ],
  }),
)
const nonced = forAllTests(() => relyingParty(here, 'nonced'))
const bare = forAllTests(() => relyingParty(here, 'bare'))
const eager = forAllTests(() => relyingParty(here, 'eager'))
beforeAll(async () => {
  await (await relyingParty(here, 'house')).signIn(sanne)
})

async function redeem(one: RelyingParty, { code_verifier, ...fields }: Fields, verifier?: string) {
  const given = verifier === undefined ? fields : { ...fields, code_verifier: verifier }
  return post(`${here.app.origin}/token`, given, basic(one.clientId, one.secret))
}

test('an application without PKCE signs in by its nonce, which comes back in the ID token', async () => {
  const minted = await mint(nonced, sanne, WITHOUT)
  const { status, body } = await redeem(nonced, codeFields(nonced, minted))
  expect(status).toBe(200)
  expect(decodeJwt(String(body.id_token)).nonce).toBe(minted.request.nonce)
})

test('an application whose record says that its library sends neither signs in without', async () => {
  const minted = await mint(bare, sanne, { ...WITHOUT, ...NO_NONCE })
  expect((await redeem(bare, codeFields(bare, minted))).status).toBe(200)
})

test.each<[string, () => RelyingParty, Fields, RegExp]>([
  ['without PKCE and without the nonce in its place', () => nonced, { ...WITHOUT, ...NO_NONCE }, /nonce/],
  ['without the nonce that its record demands', () => eager, NO_NONCE, /nonce/],
  ['without PKCE, of an application whose record says nothing of it', () => eager, WITHOUT, /PKCE/],
])('RFC 9700 4.5 code injection: a request %s is refused, pushed or not', async (_what, of, parameters, reason) => {
  const one = of()
  await sanne.visit((await one.request(parameters)).url.href)
  expect(answer(sanne).get('error')).toBe('invalid_request')
  expect(answer(sanne).get('error_description')).toMatch(reason)
  await expect(one.push(parameters)).rejects.toMatchObject({ error: 'invalid_request' })
})

test.each<[string, Fields, (verifier: string) => string | undefined]>([
  ['asked for with PKCE, sent without the verifier', {}, () => undefined],
  ['asked for with PKCE, sent with an empty verifier', {}, () => ''],
  ['asked for with PKCE, sent with another verifier', {}, () => 'x'.repeat(43)],
  ['asked for without PKCE, sent with a verifier', WITHOUT, (verifier) => verifier],
])('RFC 9700 4.8.2 PKCE downgrade: a code %s is worth nothing', async (_what, parameters, sent) => {
  for (const one of [nonced, bare]) {
    const minted = await mint(one, sanne, parameters)
    const fields = codeFields(one, minted)
    expect(await redeem(one, fields, sent(minted.request.verifier))).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    // Only in the right way, which it is still good for.
    const right = parameters === WITHOUT ? undefined : minted.request.verifier
    expect((await redeem(one, fields, right)).status).toBe(200)
  }
})
