/**
 * The help desk at the command line, beside a running server (JOURNEYS J7): somebody who lost her phone is let back in,
 * and an account is disabled, exported and erased. Every act is in the trail, and no secret is in anything that is told.
 */
import { expect, test } from 'vitest'
import { commandLine, type Installation, installation, linkFrom, startServer } from '../../support/app/process.ts'
import { Person } from '../../support/people/person.ts'
import { type Enrolled, enroll, PASSWORD, press, text } from '../../support/people/second-factor.ts'

const EMAIL = 'sanne@sigma.example'
const CONTACT = '06 at work, in the morning'
const NOTE = 'called back by the number that HR has'
const REQUIRED = { twoStep: { campaign: { everyone: { start: '2026-01-01', deadline: '2026-01-02' } } } }
/** A process of its own for every command, on a machine that has other things to do. */
const PATIENCE = 240_000

/** The answer to a command that did what it was asked. */
async function done<T = Record<string, unknown>>(where: Installation, ...args: string[]): Promise<T> {
  const { code, out, err } = await commandLine(where, ...args)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return JSON.parse(out) as T
}

/** What was said to one that did not. */
async function refused(where: Installation, ...args: string[]): Promise<string> {
  const { code, out, err } = await commandLine(where, ...args)
  expect({ code, out }).toEqual({ code: 1, out: '' })
  return err
}

async function equipped(where: Installation, person: Person): Promise<Enrolled> {
  await done(where, 'person:invite', '--email', EMAIL, '--name', 'Sanne de Vries', '--locale', 'en')
  await person.visit(await linkFrom(where, EMAIL))
  await person.submit({ password: PASSWORD, repeat: PASSWORD })
  await person.submit({ email: EMAIL, password: PASSWORD })
  return enroll(person, Date.now)
}

async function signIn(where: Installation, person: Person): Promise<void> {
  await person.visit(`${where.portalOrigin}/login`)
  await person.submit({ email: EMAIL, password: PASSWORD })
}

/** Below the address of the sitting that the browser is in. */
function inSitting(person: Person, path: string): string {
  return `${/^.*\/interaction\/[^/]+/.exec(person.page.url)?.[0]}/${path}`
}

test(
  'J7: somebody who lost her phone is let back in, once, by whoever reads her number',
  async () => {
    const where = await installation({ settings: REQUIRED })
    await startServer(where)
    const before = new Person()
    const { key, backupCode } = await equipped(where, before)
    expect(before.page.url).toContain(where.portalOrigin)

    const sanne = new Person()
    await signIn(where, sanne)
    await sanne.visit(inSitting(sanne, 'challenge/none'))
    await press(sanne, 'request', { contact: CONTACT })
    const number = /\b(\d{4}) (\d{4})\b/.exec(text(sanne.page))?.slice(1).join('') ?? ''

    const open = await done<Array<Record<string, unknown>>>(where, 'case:list')
    expect(open).toMatchObject([{ number, person: { email: EMAIL, twoStep: true } }])
    const shown = await done(where, 'case:show', '--number', `${number.slice(0, 4)} ${number.slice(4)}`)
    expect(shown).toMatchObject({ number, state: 'open', contact: CONTACT, person: { apps: [{}], openCase: number } })

    const decision = ['case:decide', '--number', number, '--decision', 'issue', '--note', NOTE]
    expect(await refused(where, ...decision)).toMatch(/--check/)
    const issued = await done<{ code: string; expiresAt: string }>(where, ...decision, '--check', 'call-back')
    expect(Date.parse(issued.expiresAt)).toBeGreaterThan(Date.now())
    expect(await refused(where, ...decision, '--check', 'call-back')).toMatch(/canceled or decided/)

    // Whoever has the phone or the browser of before is out.
    await before.visit(`${where.portalOrigin}/login`)
    expect(text(before.page)).toContain('Password')

    await signIn(where, sanne)
    await sanne.visit(inSitting(sanne, 'challenge/temporary'))
    await press(sanne, 'verify', { code: issued.code })
    const anew = await enroll(sanne, Date.now)
    expect(anew.key).not.toBe(key)
    expect(sanne.page.url).toContain(where.portalOrigin)
    expect(await done(where, 'person:show', '--person', EMAIL)).toMatchObject({
      apps: [{}],
      backupCode: { saved: true },
      lastActivityAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    })

    const { out: trail } = await commandLine(where, 'audit:list', '--person', EMAIL, '--limit', '1000')
    const told = (JSON.parse(trail) as { records: Array<Record<string, unknown>> }).records.reverse()
    const story = ['recovery.requested', 'recovery.issued', 'sign-out.everywhere', 'admin.verb', 'factor.enrolled']
    const since = told.findIndex(({ type }) => type === 'recovery.requested')
    expect(story.map((type) => told.findIndex((one, at) => at >= since && one.type === type))).not.toContain(-1)
    const acts = told.filter(({ type }) => type === 'admin.verb') as Array<{ details: Record<string, unknown> }>
    expect(acts.map(({ details }) => details.verb)).toEqual([
      'person:invite',
      'case:show',
      'case:decide',
      'case:decide',
      'person:show',
    ])
    for (const { details } of acts)
      expect(details).toMatchObject({ via: 'command-line', operator: expect.stringMatching(/./) })
    const secrets = [PASSWORD, key, backupCode, anew.key, anew.backupCode, issued.code, CONTACT, NOTE, EMAIL]
    for (const secret of secrets) expect(trail).not.toContain(secret)
  },
  PATIENCE,
)

test(
  'an account is disabled, enabled, exported and erased; its id stays in the trail, and is nobody else’s',
  async () => {
    const where = await installation({ settings: REQUIRED })
    await startServer(where)
    const sanne = new Person()
    const { key, backupCode } = await equipped(where, sanne)
    const [found] = await done<Array<{ id: string }>>(where, 'person:find', '--text', 'sanne@')
    const id = found?.id ?? ''

    expect(await done(where, 'person:disable', '--person', id)).toEqual({ id, status: 'disabled' })
    expect(await refused(where, 'person:disable', '--person', id)).toMatch(/disabled already/)
    const stranger = new Person()
    await signIn(where, stranger)
    expect(stranger.page.url).toContain(`${where.origin}/interaction/`)
    expect(stranger.page.html).toContain('name="password"')
    expect(await done(where, 'person:enable', '--person', id)).toEqual({ id, status: 'active' })

    const exported = await done(where, 'person:export', '--person', EMAIL)
    expect(exported).toMatchObject({
      account: { id, name: 'Sanne de Vries' },
      addresses: { email: EMAIL },
      authenticators: [{ kind: 'app' }],
      backupCode: { saved: true },
      sessions: [],
    })
    const activity = exported.activity as Array<Record<string, unknown>>
    expect(activity).toContainEqual(expect.objectContaining({ type: 'factor.enrolled', by: 'you' }))
    expect(activity).toContainEqual(expect.objectContaining({ type: 'account.disabled', by: 'administrator' }))
    for (const secret of [PASSWORD, key, backupCode, 'argon2', 'operator'])
      expect(JSON.stringify(exported)).not.toContain(secret)

    expect(await done(where, 'person:delete', '--person', id)).toEqual({ id, erased: true })
    expect(await refused(where, 'person:delete', '--person', id)).toMatch(/^this person was erased on \d{4}-/)
    expect(await done(where, 'person:find', '--text', 'sanne')).toEqual([])
    const kept = await done<{ records: Array<{ type: string }> }>(where, 'audit:list', '--person', id)
    expect(kept.records.map(({ type }) => type)).toEqual(expect.arrayContaining(['account.erased', 'factor.enrolled']))
    const again = await done(where, 'person:invite', '--email', EMAIL, '--name', 'Sanne de Vries')
    expect(again.id).not.toBe(id)
    expect(await done(where, 'audit:verify')).toEqual({ intact: true })
  },
  PATIENCE,
)
