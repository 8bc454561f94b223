/** An application's record names less than before: what was agreed to and issued before does not go on giving it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePorts, type RunningApp } from '../../support/app/app.ts'
import { PAYROLL, REPORTS, record } from '../../support/oidc/client-records.ts'
import {
  answer,
  errorOf,
  type RelyingParty,
  relyingParty,
  serve,
  type Tokens,
  type World,
  world,
} from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'

const WIDE = 'openid profile email offline_access payroll:read reports:read'
const NARROW = 'openid profile reports:read'
const EITHER = ['ours', 'theirs']

let here: World
let narrowed: RunningApp
const folder = mkdtempSync(join(tmpdir(), 'sigma-id-'))
const sanne = new Person()
const before: Record<string, { about: Tokens; payroll: Tokens; reports: Tokens; party: RelyingParty }> = {}

const records = (scope: string) => [record('ours', { scope }), record('theirs', { scope, first_party: false })]

beforeAll(async () => {
  const ports = await freePorts()
  here = await world({ folder, ports, more: records(WIDE) })
  for (const id of EITHER) {
    const party = await relyingParty(here, id)
    const about = await agree(party, { scope: 'openid profile email', claims: '{"id_token":{"email":null}}' })
    const payroll = await agree(party, { scope: 'openid payroll:read', resource: PAYROLL })
    const reports = await agree(party, { scope: 'openid reports:read', resource: REPORTS })
    before[id] = { about, payroll, reports, party }
  }
  expect(before.theirs?.about.claims()?.email).toBeDefined()
  await here.app.stop()
  narrowed = await serve(here.apps, { folder, ports, more: records(NARROW) })
  // The connections to the one before are closed: whoever comes first finds out.
  await fetch(`${narrowed.origin}/jwks`).catch(() => undefined)
})
afterAll(async () => {
  await narrowed.stop()
  await here.apps.close()
  rmSync(folder, { recursive: true, force: true })
})

async function agree(party: RelyingParty, parameters: Record<string, string>): Promise<Tokens> {
  const request = await party.open(sanne, parameters)
  if (sanne.page.html.includes('value="allow"')) await sanne.submit({ action: 'allow' })
  return party.redeem(sanne.page.url, request)
}

function of(id: string) {
  const kept = before[id]
  if (!kept) throw new Error(id)
  return kept
}

test.each(EITHER)('an access token of before tells what is still on the record: %s', async (id) => {
  const { party, about } = of(id)
  const said = await oidc.fetchUserInfo(party.config, about.access_token, about.claims()?.sub ?? '')
  expect(Object.keys(said).sort()).toEqual(['locale', 'name', 'sub'])
  expect(await oidc.tokenIntrospection(party.config, about.access_token)).toMatchObject({ scope: 'openid profile' })
})

test.each(EITHER)(
  'a refresh token of before gives what is still on the record, and no API that is not: %s',
  async (id) => {
    const { party, about, payroll, reports } = of(id)
    const refreshed = await party.refresh(about.refresh_token)
    expect(refreshed.scope).toBe('openid profile')
    expect(refreshed.claims()).not.toHaveProperty('email')
    expect(await errorOf(party.refresh(refreshed.refresh_token, { scope: 'openid email' }))).toBe('invalid_scope')
    expect(await errorOf(party.refresh(payroll.refresh_token))).toBe('invalid_target')
    expect((await party.refresh(reports.refresh_token)).scope).toBe('reports:read')
  },
)

test.each(EITHER)('an agreement of before is none to more than is still on the record: %s', async (id) => {
  const { party } = of(id)
  const claims = '{"id_token":{"email":null,"name":null},"userinfo":{"email":{"essential":true}}}'
  const tokens = await agree(party, { scope: 'openid profile', claims })
  expect(tokens.claims()).toMatchObject({ name: 'Sanne de Vries' })
  expect(tokens.claims()).not.toHaveProperty('email')
  const said = await oidc.fetchUserInfo(party.config, tokens.access_token, tokens.claims()?.sub ?? '')
  expect(Object.keys(said).sort()).toEqual(['locale', 'name', 'sub'])
  await party.open(sanne, { scope: 'openid email' })
  expect(answer(sanne).get('error')).toBe('invalid_scope')
  await party.open(sanne, { scope: 'openid payroll:read', resource: PAYROLL })
  expect(answer(sanne).get('error')).toBe('invalid_target')
})
