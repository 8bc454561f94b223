/**
 * What the notices of accounts/notify.ts show, as data: which facts, which link. Their words are in the language files,
 * their looks in views/mail/notice; a notice that shows something new needs a line here and no template.
 *
 * Only what is listed here gets into a mail, whatever else its event carries.
 */

import type { FactorName } from '../accounts/email-undo.ts'
import type { NoticeName } from '../accounts/notify.ts'
import { AppError } from '../lib/errors.ts'
import { NATURES } from '../person/second-factor.ts'
import type { Texts } from './texts.ts'

type Data = Record<string, unknown>
type Say = (data: Data, words: Texts) => unknown

/** How each fact is said; its label is `mail.fact.<name>`. One that is not known is left out. */
const FACTS = {
  when: ({ at }, { when }) => (typeof at === 'number' ? when(at) : undefined),
  account: ({ email }) => email,
  method: ({ method }, { t, has }) => (has(`method.${method}`) ? t(`method.${method}`) : method),
  tries: ({ count }) => count,
  agent: ({ agent }) => agent,
  devices: ({ count, agent }) => (agent === undefined ? count : undefined),
  phone: ({ hint }, { t }) => (hint === undefined ? undefined : t('mail.fact.ending', { hint: String(hint) })),
  app: ({ label }) => label,
  passkey: ({ label }) => label,
  from: ({ from }) => from,
  to: ({ to }) => to,
  application: ({ application }) => application,
  address: ({ noticeEmail }) => noticeEmail,
  newEmail: ({ newEmail }) => newEmail,
  name: ({ name }) => name,
  roles: ({ roles }, { t, has }) =>
    Array.isArray(roles) && roles.length > 0
      ? roles.map((role) => (has(`admin.role.${role}`) ? t(`admin.role.${role}`) : String(role))).join(', ')
      : t('mail.fact.none'),
  until: ({ until }, { when }) => (typeof until === 'number' ? when(until) : undefined),
  case: ({ number }) => number,
  removed: ({ removed }, words) => listed(removed, words),
  // An app that a thief added before may be among them: when each was set up helps to tell.
  kept: ({ kept, stranded }, words) => (stranded ? words.t('mail.fact.stranded') : listed(kept, words)),
} satisfies Record<string, Say>

type Fact = keyof typeof FACTS

interface Shown {
  facts: Fact[]
  /** The value that is the address of a button (`mail.<name>.link`); without it the mail has none. */
  link?: 'cancelHref' | 'undoHref'
  /** Whoever reads it cannot sign in, so it does not send them to the security settings. */
  shut?: true
}

const plain: Fact[] = ['when', 'account']

export const SHOWN: Record<NoticeName, Shown> = {
  'password-changed': { facts: plain },
  'password-closed': { facts: plain },
  'two-step-on': { facts: [...plain, 'method'] },
  'two-step-off': { facts: plain },
  'app-added': { facts: [...plain, 'app'] },
  'app-moved': { facts: [...plain, 'from', 'to'] },
  'app-switched': { facts: [...plain, 'from', 'to'] },
  'app-renamed': { facts: [...plain, 'from', 'to'] },
  'app-removed': { facts: [...plain, 'app'] },
  'passkey-added': { facts: [...plain, 'passkey'] },
  'passkey-renamed': { facts: [...plain, 'from', 'to'] },
  'passkey-removed': { facts: [...plain, 'passkey'] },
  'passkey-counted-back': { facts: [...plain, 'passkey'] },
  'passkey-switched': { facts: [...plain, 'from', 'passkey'] },
  'sms-added': { facts: [...plain, 'phone'] },
  'sms-removed': { facts: [...plain, 'phone'] },
  'backup-code-new': { facts: plain },
  'backup-code-typed': { facts: plain },
  'backup-code-used': { facts: plain },
  'factor-closed': { facts: [...plain, 'method'] },
  'factor-failed': { facts: [...plain, 'tries'] },
  'device-remembered': { facts: [...plain, 'agent'] },
  'device-misused': { facts: [...plain, 'agent'] },
  'devices-forgotten': { facts: [...plain, 'agent', 'devices'] },
  'session-ended': { facts: [...plain, 'agent'] },
  'signed-out-everywhere': { facts: plain },
  'application-removed': { facts: [...plain, 'application'] },
  'language-changed': { facts: plain },
  // Not which: a mail may come to an employer that is none of that one's business.
  'organization-changed': { facts: plain },
  'name-changed': { facts: [...plain, 'name'] },
  'roles-changed': { facts: [...plain, 'roles'] },
  'more-time': { facts: [...plain, 'until'] },
  'no-more-time': { facts: plain },
  'data-downloaded': { facts: plain },
  // The account's address is the new one by now, and said already.
  'email-changed': { facts: ['when', 'newEmail'], link: 'undoHref' },
  'email-replaced': { facts: ['when', 'newEmail'], link: 'undoHref' },
  'email-restored': { facts: [...plain, 'removed', 'kept'] },
  'notice-address-added': { facts: [...plain, 'address'] },
  'notice-address-removed': { facts: [...plain, 'address'] },
  'recovery-requested': { facts: [...plain, 'case'], link: 'cancelHref' },
  'recovery-canceled': { facts: [...plain, 'case'] },
  'recovery-issued': { facts: [...plain, 'case'] },
  'recovery-declined': { facts: [...plain, 'case'] },
  'account-disabled': { facts: plain, shut: true },
  'account-enabled': { facts: plain },
  'account-erased': { facts: plain, shut: true },
}

/** What views/mail/notice needs to show this event. */
export function notice(name: string, data: Data, words: Texts): Data {
  if (!isNotice(name)) throw new AppError('unknown-mail', `no mail ${JSON.stringify(name)}`)
  const { facts, link, shut } = SHOWN[name]
  return {
    notice: name,
    facts: facts
      .map((fact) => ({ label: words.t(`mail.fact.${fact}`), value: FACTS[fact](data, words) }))
      .filter(({ value }) => value !== undefined),
    href: link && data[link],
    settings: shut ? undefined : data.settings,
  }
}

/** Second factors by their names, undefined for none. */
function listed(factors: unknown, { t, when }: Texts): string | undefined {
  const names = (Array.isArray(factors) ? (factors as FactorName[]) : []).map(({ method, label, createdAt }) => {
    const name = NATURES[method].enrolled === 'digits' ? t('mail.fact.ending', { hint: String(label) }) : label
    return t('mail.fact.factor', { what: t(`method.${method}`), name: name ? ` (${name})` : '', when: when(createdAt) })
  })
  return names.length > 0 ? names.join('; ') : undefined
}

function isNotice(name: string): name is NoticeName {
  return Object.hasOwn(SHOWN, name)
}
