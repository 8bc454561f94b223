/**
 * The disk takes what a request writes, one by one, and then not the whole: no answer says what was not kept, and what was
 * not kept can be done again. A second process sees to it that the commit fails.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { numberOf } from '../../../src/store/sqlite/audit-rows.ts'
import { asksPassword, EMAIL, errorOf, PASSWORD, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

let sanne: Person

const all = forAllTests(world)
const house = forAllTests(() => relyingParty(all, 'house'))
const other = forAllTests(() => new DatabaseSync(join(all.app.folder, 'sigma-id.db'), { timeout: 5000 }))
beforeAll(() => {
  // Its row is wrong at the end of a transaction only (sqlite.org/foreignkeys.html section 4.2).
  other.exec(`
    CREATE TABLE owed (key TEXT PRIMARY KEY);
    CREATE TABLE debt (key TEXT REFERENCES owed (key) DEFERRABLE INITIALLY DEFERRED)`)
})
beforeEach(() => {
  sanne = new Person()
})

/** From now on no commit succeeds in which a row comes into this table; returns how to end that. */
function refuse(table: string, when = 'TRUE'): () => void {
  other.exec(`
    CREATE TRIGGER refused AFTER INSERT ON ${table} WHEN ${when} BEGIN
      INSERT INTO debt VALUES ('never paid');
    END`)
  const end = () => other.exec('DROP TRIGGER IF EXISTS refused')
  onTestFinished(end)
  return end
}

function said(): unknown[] {
  const { status, headers } = sanne.page
  return [status, headers.get('location'), headers.get('set-cookie'), headers.get('retry-after')]
}

const NOTHING = [503, null, null, '5']

test('a code for the application: the sitting goes on where it was', async () => {
  const request = await house.request()
  await sanne.visit(request.url.href)
  const accept = refuse('artifact', `NEW.model = 'AuthorizationCode'`)
  await sanne.submit({ email: EMAIL, password: PASSWORD })
  expect(said()).toEqual(NOTHING)
  expect(sanne.cookie('sigma-session')).toBeUndefined()
  accept()
  await sanne.visit(sanne.page.url)
  expect((await house.redeem(sanne.page.url, request)).id_token).toBeDefined()
})

test('tokens: the code is good once more', async () => {
  const request = await house.request()
  await sanne.visit(request.url.href)
  await sanne.submit({ email: EMAIL, password: PASSWORD })
  const accept = refuse('artifact', `NEW.model = 'AccessToken'`)
  await expect(house.redeem(sanne.page.url, request)).rejects.toMatchObject({ cause: { status: 503 } })
  accept()
  expect((await house.redeem(sanne.page.url, request)).access_token).toBeDefined()
  expect(await errorOf(house.redeem(sanne.page.url, request))).toBe('invalid_grant')
})

test('a password: it is asked for again, and the browser is not known', async () => {
  const request = await house.request()
  await sanne.visit(request.url.href)
  const page = sanne.page.url
  const accept = refuse('audit', `NEW.type = ${numberOf(`'sign-in.password'`)}`)
  await sanne.submit({ email: EMAIL, password: PASSWORD })
  expect(said()).toEqual(NOTHING)
  accept()
  await sanne.visit(page)
  expect(asksPassword(sanne)).toBe(true)
  await sanne.submit({ email: EMAIL, password: PASSWORD })
  expect(sanne.page.url).toContain('code=')
})
