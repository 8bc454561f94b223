/** Every page with a form in which something can be missing or malformed, by its view, and how somebody gets there. */

import type { RunningApp } from '../app/app.ts'
import { link, open, settled } from '../app/settings.ts'
import { applicationFor, organizationFor } from '../people/desk-forms.ts'
import { askForHelp, cancelLink, colleague, type LockedOut, lockedOut, sitting, visit } from '../people/help-desk.ts'
import { passkeyOf } from '../people/passkey.ts'
import { Person } from '../people/person.ts'
import { activated, appBound, press, scanned } from '../people/second-factor.ts'
import { authorize, halfSignedIn, type Victim, victim } from '../people/second-factor-attack.ts'
import { beginApp, beginEmail, beginNumber, changeEmail } from '../people/settings-changes.ts'
import type { Someone } from '../people/step-up.ts'

export interface World {
  app: RunningApp
  /** Has every second factor. */
  vera: Victim
  /** Is at home in the security settings. */
  who: Someone
  /** Has asked for help, and the case has this number. */
  lost: LockedOut
  number: string
  owner: Someone & { id: string }
}

export async function world(app: RunningApp): Promise<World> {
  const vera = await victim(app, 'vera@sigma.example', '06 12345678')
  const who = await settled(app, () => Date.now())
  const lost = await lockedOut(app, 'lost@sigma.example')
  const number = await askForHelp(lost.browser)
  const owner = await colleague(app, 'owner')
  await applicationFor(app, 'checked', '')
  await organizationFor(app, 'Checked', '')
  return { app, vera, who, lost, number, owner }
}

type Opening = (world: World) => Promise<Person>

let people = 0

async function newcomer({ app }: World): Promise<Person> {
  people += 1
  const email = `newcomer${people}@sigma.example`
  const person = new Person()
  await activated(app, email, person)
  return halfSignedIn(app, email, 'payroll', person)
}

const visiting =
  (path: string): Opening =>
  async ({ app }) => {
    const person = new Person()
    await person.visit(app.origin + path)
    return person
  }

const challenged =
  (page: string): Opening =>
  async ({ app, vera }) => {
    const person = await halfSignedIn(app, vera.email)
    await person.visit(sitting(person, `challenge/${page}`))
    return person
  }

const settings =
  (path: string): Opening =>
  async ({ app, who }) => {
    await open(app, who, path)
    return who.browser
  }

const begun =
  (begin: (app: RunningApp, who: Someone) => Promise<void>): Opening =>
  async ({ app, who }) => {
    await open(app, who, '/account/password')
    await begin(app, who)
    return who.browser
  }

const desk =
  (path: string | ((world: World) => string)): Opening =>
  async (given) => {
    const { app, owner } = given
    await visit(app, owner, typeof path === 'string' ? path : path(given))
    return owner.browser
  }

const APPLICATION = '/admin/applications/checked'

export const CHECKED: Record<string, Opening> = {
  login: async ({ app }) => {
    const person = new Person()
    await person.visit(authorize(app))
    return person
  },
  'set-password': async ({ app }) => {
    await app.core.links.invite({ email: 'invited@sigma.example', name: 'Ingrid', locale: 'en' })
    const person = new Person()
    await person.visit(await app.linkFor('invited@sigma.example'))
    return person
  },
  reset: visiting('/recover'),
  'link-invalid': visiting(`/activate/${'x'.repeat(43)}`),
  'challenge/totp': challenged('totp'),
  'challenge/sms': async (given) => {
    const person = await challenged('sms')(given)
    await press(person, 'send')
    return person
  },
  'challenge/backup': challenged('backup'),
  'challenge/temporary': challenged('temporary'),
  'challenge/none': challenged('none'),
  'enroll/code': async (given) => {
    const person = await newcomer(given)
    await scanned(person)
    return person
  },
  'enroll/sms': async (given) => {
    const person = await newcomer(given)
    await appBound(person)
    return person
  },
  'enroll/sms-code': async (given) => {
    const person = await newcomer(given)
    await appBound(person)
    await press(person, 'send', { number: '06 87654321', country: 'NL' })
    return person
  },
  'enroll/backup': async (given) => {
    const person = await newcomer(given)
    await appBound(person)
    await press(person, 'skip')
    return person
  },
  'recovery-cancel': async ({ app, lost }) => {
    const person = new Person()
    await person.visit(await cancelLink(app, lost.email))
    return person
  },
  undo: async ({ app }) => {
    const mover = await settled(app, () => Date.now())
    const before = mover.email
    await changeEmail(app, mover)
    const mails = (await app.inbox()).filter(({ to }) => to === before)
    const person = new Person()
    const way = mails.map(({ text }) => /https?:\/\/\S+\/undo\/\S+/.exec(text ?? '')?.[0]).find(Boolean)
    await person.visit(way ?? 'no way back')
    return person
  },
  'account/password': settings('/account/password'),
  'account/address': settings('/account/email'),
  'account/address-code': begun(beginEmail),
  'account/app-code': begun(beginApp),
  'account/app-rename': async (given) => {
    await open(given.app, given.who, '/account')
    return settings(link(given.who.browser, /^\/account\/apps\/[^/]+\/rename$/))(given)
  },
  // Of somebody else: whoever has a passkey is asked for it elsewhere.
  'account/passkey-rename': async (given) => {
    const who = await settled(given.app, () => Date.now())
    await passkeyOf(given.app, who.email)
    await open(given.app, who, '/account')
    return settings(link(who.browser, /^\/account\/passkeys\/[^/]+\/rename$/))({ ...given, who })
  },
  'account/phone': settings('/account/phone'),
  'account/phone-code': begun(beginNumber),
  'account/backup-new': async (given) => {
    const person = await settings('/account/backup-code')(given)
    await person.submit()
    return person
  },
  'account/backup-saved': settings('/account/backup-code/saved'),
  'admin/invite': desk('/admin/people/invite'),
  'admin/person/change': desk(({ lost }) => `/admin/people/${lost.id}/change`),
  'admin/person/email': desk(({ lost }) => `/admin/people/${lost.id}/email`),
  'admin/person/more-time': desk(({ lost }) => `/admin/people/${lost.id}/more-time`),
  'admin/case': desk(({ number }) => `/admin/cases/${number}`),
  'admin/audit': desk('/admin/audit'),
  'admin/api/form': desk('/admin/apis/new'),
  'admin/application/new': desk('/admin/applications/new'),
  'admin/application/new-text': desk('/admin/applications/new?as=yaml'),
  'admin/application/new-whole': async (given) => {
    const person = await desk('/admin/applications/new')(given)
    await person.submit({ kind: 'web', name: 'Made', address: 'https://made.example.org/callback', step: 'look' })
    return person
  },
  'admin/application/change': desk(`${APPLICATION}/change`),
  'admin/application/change-text': desk(`${APPLICATION}/change?as=yaml`),
  'admin/application/act': desk(`${APPLICATION}/delete`),
  'admin/application/logo': desk(`${APPLICATION}/logo`),
  'admin/invitation/new': desk('/admin/invitations/new'),
  'admin/organization/form': desk('/admin/organizations/new'),
  'admin/campaign/dates': desk(({ app }) => `/admin/campaign/dates?organization=${checkedId(app)}`),
  'admin/campaign/overview': desk('/admin/campaign'),
  'admin/campaign/organization': desk(({ app }) => `/admin/organizations/${checkedId(app)}/campaign`),
}

function checkedId({ core }: RunningApp): string {
  return core.organizations.called('Checked')?.id ?? ''
}
