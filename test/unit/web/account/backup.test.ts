/** The pages that make a new backup code: shown once, and never by accident. */
import { expect, test } from 'vitest'
import { Person } from '../../../support/people/person.ts'
import { forEachTest } from '../../../support/runner/made.ts'
import { factorDesk, NOW } from '../../../support/unit/factor-desk.ts'

const desk = forEachTest(factorDesk)
const sanne = forEachTest(() => new Person())

const open = (path: string) => sanne.visit(`${desk.origin}${path}`)
const left = () => sanne.page.html.replace('notice ', '')

const CODE = 'K7QM-2XNW-PB4T-'

test('it is made by the form only, shown in its answer, kept in no cache, and then saved', async () => {
  await open('/account/backup-code')
  expect(desk.acts).toEqual([])
  expect(sanne.page.html).toContain('1\u00a0June\u00a02025')
  await sanne.submit()
  expect(sanne.page.html).toContain(CODE)
  expect(sanne.page.headers.get('cache-control')).toBe('no-store')
  await sanne.submit({ saved: 'yes' })
  expect(left()).toBe('backup-saved')
  expect(desk.acts).toEqual(['renew', 'end others', 'saved'])
})

test('BKP-03: reloading the page that showed it, and a second tab, show and replace nothing', async () => {
  await open('/account/backup-code')
  const stale = sanne.copy()
  await sanne.submit()
  await stale.submit()
  expect(stale.page.url).toBe(`${desk.origin}/account/backup-code`)
  expect(stale.page.html).toContain('a newer one was made')
  expect(stale.page.html).not.toContain(CODE)
  expect(desk.acts).toEqual(['renew', 'end others'])
})

test('two tabs: the tick for a code that was replaced says nothing of the present one', async () => {
  await open('/account/backup-code')
  await sanne.submit()
  desk.backupId = 'b3'
  await sanne.submit({ saved: 'yes' })
  expect(sanne.page.html).toContain('a newer one was made')
  expect(desk.acts).not.toContain('saved')
})

test('without the tick nobody goes on, and the code is shown once more to whoever was shown it', async () => {
  await open('/account/backup-code')
  await sanne.submit()
  await sanne.submit()
  expect(sanne.page.status).toBe(400)
  expect(sanne.page.html).toContain('Save the code first, then tick the box.')
  expect(sanne.page.html).toContain(CODE)
  // What is not ours, or of another code, shows nothing.
  for (const sealed of ['x', '']) {
    const other = sanne.copy()
    await other.submit({ sealed })
    expect(other.page.html).not.toContain(CODE)
  }
  desk.backupId = 'b3'
  const late = sanne.copy()
  await late.submit({ made: 'b3' })
  expect(late.page.html).not.toContain(CODE)
  desk.backupId = 'b2'
  await sanne.submit({ saved: 'yes' })
  expect(left()).toBe('backup-saved')
})

test('whoever comes back after proving a second factor once more can still say that it is saved', async () => {
  await open('/account/backup-code')
  await sanne.submit()
  await open('/account/backup-code/saved')
  expect(sanne.page.html).toContain('Have you saved the code?')
  await sanne.submit({ saved: 'yes' })
  expect(desk.acts).toEqual(['renew', 'end others', 'saved'])
})

test('BKP-05: a stolen backup code makes no other one', async () => {
  desk.proven = ['backup']
  await open('/account/backup-code')
  await sanne.submit()
  expect(left()).toBe('backup-refused')
  expect(desk.acts).toEqual([])
})

test('the first one is made too; without an app there is none', async () => {
  desk.backupId = undefined
  desk.overview.backup = undefined
  await open('/account/backup-code')
  expect(sanne.page.html).toContain('You have no backup code now.')
  desk.overview.apps = []
  const late = sanne.copy()
  await late.submit()
  expect(late.page.html).toBe('notice two-step-first')
  desk.overview.apps = [{ id: 'a1', label: 'app', createdAt: NOW, lastUsedAt: undefined }]
  await sanne.submit()
  expect(sanne.page.html).toContain(CODE)
})
