/** The forms of administration as somebody fills them in, and something on which each of them can be done. */

import { DAY } from '../../../src/lib/time.ts'
import { keyOf } from '../../../src/person/kind.ts'
import type { RunningApp } from '../app/app.ts'
import { png } from '../samples/pictures.ts'
import { organizationId } from './organizations.ts'

const BY = { actor: 'chris', via: 'pages' }
const PEOPLE = Buffer.from('email;name\nmany@sigma.example;Many\n')
const CALLBACK = 'https://app.example.org/callback'

/** What the form at this address asks for. */
export function filledIn(address: string): Record<string, string> {
  const [, noun = '', id = '', act = ''] = /\/admin\/([^/]+)\/?([^/]*)\/?(?:logo\/)?([^/]*)/.exec(address) ?? []
  if (noun === 'applications') return ofApplication(id, act)
  if (noun === 'apis') return ofApi(id, act)
  if (noun === 'organizations') return ofOrganization(id, act)
  if (noun === 'invitations') return id === 'plan' ? { csv: PEOPLE.toString('base64'), step: 'send' } : {}
  if (noun === 'campaign')
    return { organizations: 'Elsewhere', versions: '1', start: '2026-12-01', deadline: '', does: 'save' }
  if (noun === 'approvals') return { decision: 'decline' }
  if (noun === 'cases') return { step: 'issue', check: 'in-person', note: '' }
  if (noun === 'people' && act !== '') return ofPerson(id, act)
  return id === 'invite' ? { email: 'x@sigma.example', name: 'Nina', locale: 'en' } : {}
}

function ofPerson(id: string, act: string): Record<string, string> {
  if (act === 'move') return { organization: 'Elsewhere' }
  if (act === 'change') return { name: `New ${id}`, 'was-name': '' }
  if (act === 'email') return { email: `new-${id}@home.example` }
  if (act === 'roles') return { 'role-auditor': 'yes' }
  const until = new Date(Date.now() + 30 * DAY).toISOString().slice(0, 10)
  return act === 'more-time' ? { until, reason: 'On leave' } : {}
}

/** Of an application that has two versions; of one that was disabled, given to the file, or has a logo, three. */
function ofApplication(id: string, act: string): Record<string, string> {
  if (id === 'new')
    return { kind: 'web', name: 'Made', address: 'https://made.example.org/callback', id: 'made', step: 'make' }
  const version = versionAt(act)
  if (act === 'doctor') return {}
  if (act === 'change')
    return {
      yaml: `client_id: ${id}\nclient_name: Changed\nredirect_uris: [https://a.example/]`,
      step: 'save',
      version,
      read: version,
    }
  return { version, ...(act === 'delete' && { id }) }
}

function ofApi(id: string, act: string): Record<string, string> {
  if (id === 'new')
    return { indicator: 'https://made.example.org/', scopes: 'made', format: 'jwt', introspected_by: '' }
  const version = versionAt(act)
  if (act === 'change')
    return { scopes: `${id}:other`, format: 'jwt', introspected_by: '', step: 'save', version, read: version }
  return { version }
}

/** A colleague may have been quicker with the version of an organization that was merged into. */
function ofOrganization(id: string, act: string): Record<string, string> {
  const fields = { name: `New ${id}`, number: '', domains: '', contacts: '', start: '', deadline: '' }
  if (id === 'new') return fields
  if (act === 'change') return { ...fields, was: '', does: 'save', version: '1' }
  return { version: '1', ...(act === 'merge' && { into: 'Elsewhere' }) }
}

/** What was changed once has two versions; to be enabled or released it was disabled or adopted before, or got its logo. */
function versionAt(act: string): string {
  return ['enable', 'release', 'remove'].includes(act) ? '3' : '2'
}

/** Whether the form at this address has a file in it. */
export function hasFile(address: string): boolean {
  return /\/(?:logo|invitations\/new)$/.test(address)
}

/** The same as a browser sends it: with a file where the form at this address has one. */
export async function bodyFor(address: string, fields: Record<string, string>): Promise<URLSearchParams | FormData> {
  if (!hasFile(address)) return new URLSearchParams(fields)
  const parts = new FormData()
  for (const [name, value] of Object.entries(fields)) parts.set(name, value)
  if (address.endsWith('/logo')) parts.set('picture', new Blob([await png()]), 'logo.png')
  else parts.set('file', new Blob([new Uint8Array(PEOPLE)]), 'people.csv')
  return parts
}

/** An application of the pages, with two versions and a secret, for the form at this address. */
export async function applicationFor(app: RunningApp, id: string, act: string): Promise<string> {
  const { clients, clientFile } = app.core.admin
  await clients.add({ client_id: id, client_name: `Application ${id}`, redirect_uris: [CALLBACK] }, BY)
  await clients.change(id, { fields: { client_name: `The ${id}` } }, BY)
  if (act === 'enable') await clients.disable(id, undefined, BY)
  if (act === 'release') await clientFile.adopt({ noun: 'client', id }, BY)
  if (act === 'remove') await app.core.logos.set(id, await png(), undefined, BY)
  return id
}

/** An API with two versions, as it is named in an address. */
export async function apiFor(app: RunningApp, name: string, act: string): Promise<string> {
  const { resources } = app.core.admin
  const indicator = `https://${name}.example.org/`
  await resources.add({ indicator, scopes: [`${name}:read`] }, BY)
  await resources.change(indicator, { fields: { scopes: [`${name}:read`, `${name}:write`] } }, BY)
  if (act === 'enable') await resources.disable(indicator, undefined, BY)
  return Buffer.from(indicator).toString('base64url')
}

/** An organization, and another called Elsewhere. */
export async function organizationFor(app: RunningApp, name: string, act: string): Promise<string> {
  await organizationId(app, 'Elsewhere')
  const id = await organizationId(app, name)
  if (act === 'enable') await app.core.admin.registry.disable(id, { actor: undefined, source: undefined })
  return id
}

/** A change of a protected application that waits for a second person. */
export async function approvalFor(app: RunningApp, id: string): Promise<string> {
  const { clients } = app.core.admin
  await clients.add({ client_id: id, client_name: id, redirect_uris: [CALLBACK], protected: true }, BY)
  const asked = await clients.change(id, { fields: { redirect_uris: [`${CALLBACK}/other`] } }, BY)
  if (!asked.ok || !asked.proposal) throw new Error(`nothing waits: ${JSON.stringify(asked)}`)
  return `${id}.${asked.proposal.id}`
}

/** A round of invitations, of which somebody got a mail long ago and has not come. */
export async function roundFor(app: RunningApp, name: string): Promise<string> {
  const { invitations, store } = app.core
  const wish = { locale: 'en', pace: { perHour: 500, workingHours: false } }
  const email = `${name}@invited.example`
  const planned = await invitations.plan(Buffer.from(`email;name\n${email};Anne\n`), wish)
  if (!planned.ok) throw new Error(planned.reason)
  const { round, digest } = planned.plan
  await invitations.send(planned.plan, { ...wish, digest, label: name }, { actor: undefined, source: undefined })
  await store.durable.people.changeBy(keyOf.email(email), (person) => {
    person.invitation = { round, sentAt: 1 }
  })
  return round
}
