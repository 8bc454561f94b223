/** Changes to people's security that are made all at once while their store goes away; which were told of as kept, and which are. */

import { at } from '../app/settings.ts'
import { asked } from '../people/asked-people.ts'
import type { Person } from '../people/person.ts'
import { activated, codeOf, keyOn, PASSWORD, press, text } from '../people/second-factor.ts'
import { halfSignedIn } from '../people/second-factor-attack.ts'
import { NEXT_PASSWORD } from '../people/settings-changes.ts'
import type { FaultCluster } from './faulty.ts'
import { enrolled, freshPerson, remembered, type Sanne } from './people.ts'

export interface Write {
  kind: 'password changed' | 'app added' | 'code used' | 'devices forgotten' | 'audit record'
  /** Told of as kept, or else the status of the answer. */
  act(): Promise<true | number>
  /** Looks whether it is there. */
  kept(): Promise<boolean>
}

export type Form = { browser: Person; action: string; fields: Record<string, string> }

/** A form as it stands on the page, filled in. */
export function form(browser: Person, fields: Record<string, string>): Form {
  const [found] = browser.forms()
  if (!found) throw new Error(`no form on ${browser.page.url}: ${text(browser.page)}`)
  return {
    browser: browser.copy(),
    action: new URL(found.action, browser.page.url).href,
    fields: { ...found.fields, ...fields },
  }
}

/** Sends it; true if the answer leads to an address like this one. */
export async function sent({ browser, action, fields }: Form, leads: RegExp): Promise<true | number> {
  const answer = await browser.request('POST', action, new URLSearchParams(fields))
  await answer.body?.cancel()
  return (answer.status === 303 && leads.test(answer.headers.get('location') ?? '')) || answer.status
}

/** So many people, each of them before the last button of several changes; and as many records again for the trail. */
export async function pendingWrites(cluster: FaultCluster, people: number): Promise<Write[]> {
  const each = Array.from({ length: people }, (_, index) => index)
  const owners = await Promise.all(
    each.map(async (index) => {
      const email = `owner${index}@sigma.example`
      return { email, ...(await enrolled(cluster, email)) }
    }),
  )
  cluster.nextCode()
  await Promise.all(owners.map((owner) => remembered(cluster, owner)))
  cluster.nextCode()
  const writes = [
    // A new app ends what else is under way in the account, so it is somebody else's.
    ...(await Promise.all(owners.map((owner, index) => (index % 2 ? appWrite : proofWrites)(cluster, owner)))).flat(),
    ...(await Promise.all(each.map((index) => passwordWrite(cluster, `changer${index}@sigma.example`)))),
    ...each.map((index) => auditWrite(cluster, index)),
  ]
  return writes.sort(() => Math.random() - 0.5)
}

type Owner = Pick<Sanne, 'email' | 'id' | 'key' | 'settings'>

async function appWrite({ app, now }: FaultCluster, { id, settings }: Owner): Promise<Write[]> {
  await settings.visit(`${app.origin}/account/apps/new`)
  await settings.submit()
  const newKey = keyOn(settings.page)
  await press(settings, 'scanned')
  const addition = form(settings, { step: 'code', code: codeOf(newKey, now()) })
  return [
    {
      kind: 'app added',
      act: () => sent(addition, /^\/account$/),
      kept: async () => (await asked(app.core.store.durable.people).listAuthenticators(id)).length === 2,
    },
  ]
}

async function proofWrites({ app, now }: FaultCluster, { email, id, key, settings }: Owner): Promise<Write[]> {
  const { durable } = app.core.store
  await settings.visit(`${app.origin}/account/devices/forget`)
  const forgetting = form(settings, {})
  const answering = form(await halfSignedIn(app, email), { step: 'verify', code: codeOf(key, now()) })
  const [before] = await asked(durable.people).listAuthenticators(id)
  return [
    {
      kind: 'devices forgotten',
      act: () => sent(forgetting, /^\/account$/),
      kept: async () => (await asked(durable.people).listDevices(id, now())).length === 0,
    },
    {
      kind: 'code used',
      act: () => sent(answering, /\/auth\//),
      kept: async () => {
        const [after] = await asked(durable.people).listAuthenticators(id)
        return after !== undefined && before !== undefined && after.lastStep > before.lastStep
      },
    },
  ]
}

async function passwordWrite(cluster: FaultCluster, email: string): Promise<Write> {
  const { app } = cluster
  const browser = freshPerson('en')
  await activated(app, email, browser)
  await browser.visit(`${app.origin}/account/password`)
  await browser.submit({ email, password: PASSWORD })
  if (browser.page.html.includes('value="later"')) await press(browser, 'later')
  if (at(browser) !== '/account/password') throw new Error(`${email} is not in the settings: ${text(browser.page)}`)
  const change = form(browser, { current: PASSWORD, password: NEXT_PASSWORD, repeat: NEXT_PASSWORD })
  return {
    kind: 'password changed',
    act: () => sent(change, /^\/account$/),
    async kept() {
      const visitor = freshPerson('en')
      await visitor.visit(`${app.origin}/account`)
      await visitor.submit({ email, password: NEXT_PASSWORD })
      return at(visitor) === '/account'
    },
  }
}

export function auditWrite({ app }: FaultCluster, n: number): Write {
  const { record, store } = app.core
  return {
    kind: 'audit record',
    act: () =>
      record({ type: 'admin.verb', outcome: 'ok', subject: 'trail', details: { n } }).then(
        () => true,
        () => 503,
      ),
    async kept() {
      const trail = await store.durable.listAudit({ subject: 'trail', limit: 10_000 })
      return trail.some(({ details }) => details?.n === n)
    },
  }
}
