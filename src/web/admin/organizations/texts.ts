/** What is said of an organization, as the texts of a form; and what was typed, as the input of a verb. */
import type { OrganizationFields } from '../../../organization/organization.ts'
import type { Fields } from '../../form.ts'

/** Fields of the form, in their order. */
export const TEXTS = ['name', 'number', 'domains', 'contacts', 'start', 'deadline'] as const
export type TextName = (typeof TEXTS)[number]
export type OrganizationTexts = Record<TextName, string>

export type Said = OrganizationFields

export function textsOf({ name, number = '', domains, contacts, campaign }: Said): OrganizationTexts {
  return {
    name,
    number,
    domains: domains.join('\n'),
    contacts: contacts.join('\n'),
    start: dateText(campaign?.start),
    deadline: dateText(campaign?.deadline),
  }
}

/** As a browser sends it: with spaces around, and the line breaks of a form. */
export function textsIn(fields: Fields): OrganizationTexts {
  const typed = (name: TextName) => (fields[name] ?? '').replaceAll('\r\n', '\n').trim()
  return {
    name: typed('name'),
    number: typed('number'),
    domains: typed('domains'),
    contacts: typed('contacts'),
    start: typed('start'),
    deadline: typed('deadline'),
  }
}

/** Every field is given: what is empty takes away. */
export function inputOf({ name, number, domains, contacts, start, deadline }: OrganizationTexts) {
  return { name, number, domain: linesOf(domains), contact: linesOf(contacts), start, deadline }
}

/** Which field of the form a field of the input is. */
export function textNamed(path: string): TextName | undefined {
  const [field = ''] = path.split('.')
  const name = { domain: 'domains', contact: 'contacts' }[field] ?? field
  return TEXTS.find((one) => one === name)
}

function linesOf(text: string): string[] {
  const lines = text.split(/[\n,;]/).map((line) => line.trim())
  return lines.some((line) => line !== '') ? lines.filter((line) => line !== '') : ['']
}

const DAY = 24 * 60 * 60 * 1000

/** A day where it is one: what somebody gave by another door may have a time of day. */
export function dateText(at: number | undefined): string {
  if (at === undefined) return ''
  return new Date(at).toISOString().slice(0, at % DAY === 0 ? 10 : undefined)
}
