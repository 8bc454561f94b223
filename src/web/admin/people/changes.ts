/** What can be changed of a person on pages of their own: name and language, address, roles, and more time. */
import { changeEmailOfPerson, changePerson, changeRolesOfPerson, extendPerson } from '../../../admin/person-changes.ts'
import { ROLES } from '../../../admin/role.ts'
import { LOCALES } from '../../../lib/locales.ts'
import type { Fields } from '../../form.ts'
import type { Changing } from './changing.ts'

const NAMES = ['name', 'givenName', 'familyName', 'locale'] as const
/** As the form had it: what somebody else changed meanwhile is not changed back by it. */
const was = (name: string) => `was-${name}`

const details: Changing = {
  name: 'change',
  verb: changePerson,
  fields: [...NAMES, ...NAMES.map(was)],
  typed: ({ name, givenName = '', familyName = '', locale }) => {
    const texts = { name, givenName, familyName, locale }
    return { ...texts, ...Object.fromEntries(NAMES.map((field) => [was(field), texts[field]])) }
  },
  data: () => ({ locales: LOCALES }),
  input(fields) {
    const changed = NAMES.filter((name) => (fields[name] ?? '').trim() !== (fields[was(name)] ?? ''))
    return changed.length > 0
      ? Object.fromEntries(changed.map((name) => [name, fields[name]?.trim() ?? '']))
      : undefined
  },
  notice: 'saved',
}

const email: Changing = {
  name: 'email',
  verb: changeEmailOfPerson,
  fields: ['email', 'lookAlike'],
  typed: () => ({}),
  input: ({ email: typed = '', lookAlike }) => ({
    email: typed.trim(),
    ...(lookAlike !== undefined && { lookAlike: 'accept' }),
  }),
  notice: 'email-changed',
}

const roleField = (role: string) => `role-${role}`
/** As the page showed them, with spaces between. */
const WERE = 'were'

const roles: Changing = {
  name: 'roles',
  verb: changeRolesOfPerson,
  fields: [...ROLES.map(roleField), WERE],
  typed: (person) =>
    Object.fromEntries(ROLES.filter((one) => person.roles.includes(one)).map((one) => [roleField(one), 'yes'])),
  data: () => ({ roles: ROLES }),
  input: (fields) => ({
    role: ROLES.filter((role) => fields[roleField(role)] !== undefined),
    was: (fields[WERE] ?? '').split(' '),
  }),
  notice: 'saved',
}

const moreTime: Changing = {
  name: 'more-time',
  verb: extendPerson,
  fields: ['until', 'reason', 'does'],
  typed: ({ moreTime: given }): Fields => ({
    until: given ? new Date(given.endsAt).toISOString().slice(0, 10) : '',
    reason: given?.reason ?? '',
  }),
  input({ until = '', reason = '', does }) {
    if (does === 'end') return { until: '' }
    // An empty day would take away what there is: that has a button of its own.
    return { until: until.trim() || 'none', reason }
  },
  notice: 'saved',
}

export const CHANGES: Changing[] = [details, email, roles, moreTime]
