/**
 * Applications with one fault each, made by really doing what is wrong: the doctor names it first, and where a button mends
 * it, the same request works after it was pressed.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { memoryKind } from '../../../src/doctor/memory.ts'
import { DAY, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { KEYED } from '../../support/oidc/client-records.ts'
import { type Asked, type FaultyApplication, faulty } from '../../support/oidc/faulty-application.ts'
import { asserted, assertion, basic, type RawAnswer } from '../../support/oidc/raw-oauth.ts'
import { relyingParty, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const AWKWARD = 'a+b/c=d%41e+f/g=h%42i+j/k=l%43mn'

clockOfAllTests()
const here = forAllTests(() => world({ env: { F5_SECRET: AWKWARD } }))

let sanne: Person
let tries = 0

async function signedIn(): Promise<Person> {
  const person = new Person()
  const house = await relyingParty(here, 'house')
  await house.signIn(person)
  return person
}

beforeAll(async () => {
  sanne = await signedIn()
})

/** A code, and tokens for it. */
async function completed(app: FaultyApplication, parameters = {}): Promise<{ asked: Asked; answer: RawAnswer }> {
  const asked = await app.ask(sanne, parameters)
  return { asked, answer: await app.redeem(asked) }
}

async function signOut(person: Person, query: Record<string, string> = {}): Promise<void> {
  await person.visit(`${here.app.origin}/session/end?${new URLSearchParams(query)}`)
  await person.submit({ logout: 'yes' })
}

interface Row {
  /** In ../shared/ADMIN.md's order of the faults. */
  number: number
  finding: string
  fields?: Record<string, unknown>
  wrong(app: FaultyApplication): Promise<unknown>
  says: RegExp
  /** After its button was pressed: whether the same works now. */
  mended?(app: FaultyApplication, made: { secret?: { value: string } }): Promise<unknown>
}

const ELSEWHERE = 'https://roster.example.org/cb'

const ROWS: Row[] = [
  {
    number: 1,
    finding: 'redirect-address',
    wrong: (app) => app.ask(sanne, { redirect_uri: `${app.callback}/` }),
    says: /callback\/; registered is .*callback\b/,
    mended: async (app) =>
      expect((await app.ask(sanne, { redirect_uri: `${app.callback}/` })).back?.get('code')).toBeTruthy(),
  },
  {
    number: 2,
    finding: 'redirect-http',
    fields: { redirect_uris: [ELSEWHERE], post_logout_redirect_uris: [] },
    wrong: (app) => app.ask(sanne, { redirect_uri: ELSEWHERE.replace('https', 'http') }),
    says: /X-Forwarded-Proto/,
  },
  {
    number: 3,
    finding: 'redirect-inside',
    fields: { redirect_uris: [ELSEWHERE], post_logout_redirect_uris: [] },
    wrong: (app) => app.ask(sanne, { redirect_uri: 'http://roster:8080/cb' }),
    says: /http:\/\/roster:8080\/cb.*BASE_URL/,
  },
  {
    number: 4,
    finding: 'issuer',
    async wrong(app) {
      await app.get('/.well-known/openid-configuration', { host: 'sigma-id:3000' })
      await completed(app)
    },
    says: /Give it exactly http:\/\/localhost:\d+, without a slash/,
  },
  {
    number: 5,
    finding: 'secret-encoding',
    fields: { client_secret: { env: 'F5_SECRET' } },
    async wrong(app) {
      const { back, ...asked } = await app.ask(sanne)
      await app.redeem({ ...asked, back }, {}, basic(app.id, AWKWARD))
    },
    says: /letters and digits only/,
    async mended(app, { secret }) {
      const asked = await app.ask(sanne)
      expect((await app.redeem(asked, {}, basic(app.id, secret?.value ?? ''))).status).toBe(200)
    },
  },
  {
    number: 6,
    finding: 'method',
    wrong: async (app) => app.redeem(await app.ask(sanne), { client_id: app.id, client_secret: app.secret() }, {}),
    says: /token_endpoint_auth_method to client_secret_post/,
    async mended(app) {
      const answer = await app.redeem(await app.ask(sanne), { client_id: app.id, client_secret: app.secret() }, {})
      expect(answer.status).toBe(200)
    },
  },
  {
    number: 7,
    finding: 'browser-secret',
    wrong: async (app) => app.redeem(await app.ask(sanne), { client_id: app.id }, { origin: here.apps.origin }),
    says: /single-page app/,
  },
  {
    number: 8,
    finding: 'pkce',
    wrong: (app) => app.ask(sanne, { code_challenge: undefined, code_challenge_method: undefined }),
    says: /PKCE \(S256\)/,
  },
  {
    number: 9,
    finding: 'code-twice',
    async wrong(app) {
      const { asked } = await completed(app)
      pass(80)
      expect((await app.redeem(asked)).status).toBe(400)
    },
    // What another node saw first is not compared.
    says: process.env.SIGMA_TEST_MONGODB ? /twice/ : /twice within 80 ms/,
  },
  {
    number: 10,
    finding: 'code-differs',
    wrong: async (app) => app.redeem(await app.ask(sanne), { redirect_uri: `${app.callback}/other` }),
    says: /another redirect_uri than the first/,
  },
  {
    number: 11,
    finding: 'state-lost',
    async wrong(app) {
      for (let times = 0; times < 3; times += 1) {
        await app.ask(sanne)
        pass(5 * SECOND)
      }
    },
    says: /SameSite=Lax/,
  },
  {
    number: 12,
    finding: 'never-asked',
    async wrong(app) {
      await app.ask(sanne)
      pass(2 * MINUTE)
    },
    says: /curl http:\/\/localhost:\d+\/token must answer 4xx/,
  },
  {
    number: 14,
    finding: 'algorithm',
    async wrong(app) {
      await app.get('/jwks')
      for (let times = 0; times < 3; times += 1) {
        await completed(app)
        pass(2 * SECOND)
      }
    },
    says: /id_token_signed_response_alg to ES256/,
    async mended(app) {
      const { answer } = await completed(app)
      const [header = ''] = String(answer.body.id_token).split('.')
      expect(JSON.parse(Buffer.from(header, 'base64url').toString()).alg).toBe('ES256')
    },
  },
  {
    number: 15,
    finding: 'clock',
    fields: {
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...KEYED.publicKey.export({ format: 'jwk' }), kid: 'keyed', alg: 'ES256', use: 'sig' }] },
    },
    async wrong(app) {
      const ahead = Math.floor(Date.now() / 1000) + 90
      const jwt = await assertion(here, { iss: app.id, sub: app.id, iat: ahead, exp: ahead + 60 })
      await app.redeem(await app.ask(sanne), { ...asserted(jwt), client_id: app.id }, {})
    },
    says: /90 seconds ahead/,
  },
  {
    number: 16,
    finding: 'claims-unread',
    fields: { scope: 'openid email' },
    async wrong(app) {
      await completed(app, { scope: 'openid email' })
      pass(MINUTE)
    },
    says: /never reads the userinfo endpoint/,
    async mended(app) {
      const { answer } = await completed(app, { scope: 'openid email' })
      const [, payload = ''] = String(answer.body.id_token).split('.')
      expect(JSON.parse(Buffer.from(payload, 'base64url').toString()).email).toBe('sanne@sigma.example')
    },
  },
  {
    number: 17,
    finding: 'scope',
    fields: { scope: 'openid profile organization' },
    wrong: (app) => app.ask(sanne, { scope: 'openid user_groups' }),
    says: /no scope user_groups.*organization/,
  },
  {
    number: 18,
    finding: 'no-refresh',
    wrong: (app) => completed(app, { scope: 'openid offline_access' }),
    says: /grant refresh_token is not registered/,
    async mended(app) {
      const { answer } = await completed(app, { scope: 'openid' })
      const refresh_token = String(answer.body.refresh_token)
      expect((await app.token({ grant_type: 'refresh_token', refresh_token })).status).toBe(200)
    },
  },
  {
    number: 19,
    finding: 'refresh-twice',
    fields: { token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'refresh_token'] },
    async wrong(app) {
      const { answer } = await completed(app)
      const refresh = { grant_type: 'refresh_token', refresh_token: String(answer.body.refresh_token) }
      await Promise.all([app.token(refresh), app.token(refresh)])
    },
    says: process.env.SIGMA_TEST_MONGODB ? /came again|at once/ : /two places at once/,
  },
  {
    number: 20,
    finding: 'sign-out-address',
    async wrong(app) {
      const { answer } = await completed(app)
      await bye(app, answer)
    },
    says: /post_logout|goodbye\/; registered is/,
    async mended(app) {
      const { answer } = await completed(app)
      expect((await bye(app, answer)).page.status).toBe(200)
    },
  },
  {
    number: 21,
    finding: 'back-channel-none',
    async wrong(app) {
      const person = await signedIn()
      await app.redeem(await app.ask(person))
      await signOut(person)
    },
    says: /backchannel_logout_uri/,
  },
  {
    number: 22,
    finding: 'back-channel',
    fields: { backchannel_logout_uri: '{apps}/f22/logout' },
    async wrong(app) {
      const person = await signedIn()
      await app.redeem(await app.ask(person))
      await here.app.drain()
      // `house` has one too.
      here.apps.answers.push(403, 403)
      await signOut(person)
      await here.app.drain()
    },
    says: /answered 403\. Exempt that path from CSRF/,
  },
  {
    number: 23,
    finding: 'step-up',
    async wrong(app) {
      const { answer } = await completed(app, { acr_values: 'phr' })
      await app.get('/me', { authorization: `Bearer ${answer.body.access_token}` })
    },
    says: /asked for phr, got urn:sigma:acr:password, and carried on/,
  },
  {
    number: 24,
    finding: 'redirect-elsewhere',
    fields: { client_uri: 'https://people.example.org/' },
    wrong: (app) => completed(app),
    says: /where people end up/,
  },
  {
    number: 25,
    finding: 'response-type',
    wrong: (app) => app.ask(sanne, { response_type: 'token' }),
    says: /asks for token.*response_type=code/,
  },
]

async function bye(app: FaultyApplication, { body }: RawAnswer): Promise<Person> {
  const person = sanne.copy()
  const back = `${here.apps.origin}/${app.id}/goodbye/`
  await person.visit(
    `${here.app.origin}/session/end?${new URLSearchParams({ id_token_hint: String(body.id_token), post_logout_redirect_uri: back })}`,
  )
  return person
}

describe.each(ROWS)('fault $number', ({ number, finding, fields = {}, wrong, says, mended }) => {
  test(`${finding} is what the doctor says first${mended ? ', and its button mends it' : ''}`, async () => {
    const given = JSON.parse(JSON.stringify(fields).replaceAll('{apps}', here.apps.origin))
    tries += 1
    const app = await faulty(here, `f${number}_${tries}`, given)
    await wrong(app)
    const told = await app.doctor()
    const [first] = told.checks
    expect([first?.finding, first?.sentence]).toEqual([finding, expect.stringMatching(says)])
    if (!mended) return void expect(first?.fix).toBeUndefined()
    pass(SECOND)
    const made = await app.mend(told)
    await mended(app, made)
    const again = await app.doctor()
    expect(again.checks.filter((one) => one.finding === finding && one.state === 'failed')).toEqual([])
  })
})

test('fault 13: keys-unfetched is what the doctor says first, once the next key has been there for a week', async () => {
  const app = await faulty(here, 'f13')
  sanne = await signedIn()
  await app.get('/jwks')
  await completed(app)
  expect((await app.doctor()).checks.filter(({ finding }) => finding === 'keys-unfetched')).toEqual([])
  pass(SECOND)
  await here.app.core.keys.rotate({ forced: true })
  await here.app.oidc.refresh()
  pass(8 * DAY)
  sanne = await signedIn()
  expect((await completed(app)).answer.status).toBe(200)
  const [first] = (await app.doctor()).checks
  expect([first?.finding, first?.sentence]).toEqual([
    'keys-unfetched',
    expect.stringMatching(/not fetched our keys for 8 days/),
  ])
  await app.get('/jwks')
  expect((await app.doctor()).checks.filter(({ finding }) => finding === 'keys-unfetched')).toEqual([])
})

test('an application that does everything right has nothing wrong', async () => {
  const app = await faulty(here, 'healthy', {
    scope: 'openid email',
    grant_types: ['authorization_code', 'refresh_token'],
    backchannel_logout_uri: `${here.apps.origin}/healthy/logout`,
  })
  await app.get('/.well-known/openid-configuration')
  await app.get('/jwks')
  const { answer } = await completed(app, { scope: 'openid email' })
  await app.get('/me', { authorization: `Bearer ${answer.body.access_token}` })
  await app.token({ grant_type: 'refresh_token', refresh_token: String(answer.body.refresh_token) })
  const { checks } = await app.doctor()
  expect(checks.filter(({ finding }) => finding !== undefined)).toEqual([])
  expect(memoryKind.empty().refusals).toEqual([])
})
