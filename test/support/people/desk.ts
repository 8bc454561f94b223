/** What attacks on the settings, on recovery and on the help desk look at: the database as it is, and a person's secrets. */

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { emptyPersonRecord } from '../../../src/person/person.ts'
import { ROW } from '../../../src/store/sqlite/audit-rows.ts'
import type { RunningApp } from '../app/app.ts'
import { askForHelp, send, signIn, sitting, visit } from './help-desk.ts'
import { Person } from './person.ts'
import { text } from './second-factor.ts'
import { halfSignedIn } from './second-factor-attack.ts'
import type { Someone } from './step-up.ts'

export type Row = Record<string, string | number | bigint | Uint8Array | null>

/** Every row of every table, as somebody reads them who has the file: what a record of the trail has by number, by its name. */
export function tables(app: RunningApp): Record<string, Row[]> {
  const db = new DatabaseSync(join(app.folder, 'sigma-id.db'), { readOnly: true, timeout: 5000 })
  const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all()
  const found = names.map(({ name }) => {
    const columns = name === 'audit' ? ROW : '*'
    return [String(name), db.prepare(`SELECT ${columns} FROM "${name}"`).all() as Row[]] as const
  })
  db.close()
  const { people = [], audit_name: _named, ...others } = Object.fromEntries(found)
  return { ...others, ...partsOf(people) }
}

/** A person is kept as one record: its parts, each as if it had a table. */
function partsOf(people: Row[]): Record<string, Row[]> {
  const parts = Object.fromEntries(Object.keys(emptyPersonRecord()).map((name): [string, Row[]] => [name, []]))
  for (const { id, record } of people) {
    for (const [name, part] of Object.entries<unknown>(JSON.parse(String(record)))) {
      const rows = [part]
        .flat()
        .map((each) => ({ person: id, ...(typeof each === 'object' ? each : { [name]: each }) }))
      parts[name] = [...(parts[name] ?? []), ...(rows as Row[])]
    }
  }
  return parts
}

/** What moves when somebody only looks, or is refused: sessions, counters of tries, and the record of both. */
const MOVING = ['artifact', 'counter', 'audit', 'browsers', 'people_value']

/** All that a change could have changed, letters that wait to be sent included. */
export function standing(app: RunningApp): Record<string, Row[]> {
  return Object.fromEntries(Object.entries(tables(app)).filter(([name]) => !MOVING.includes(name)))
}

/** The tokens of a form that this person may have. */
export async function tokensFor(app: RunningApp, who: Someone): Promise<{ csrf: string; for: string }> {
  const { browser } = who
  await visit(app, who, '/account/language')
  const { csrf, for: own } = browser.forms().find(({ fields }) => fields.for)?.fields ?? {}
  if (!csrf || !own) throw new Error(`no form on ${browser.page.url}`)
  return { csrf, for: own }
}

/** A browser that typed the password, at the page where people end up who can prove nothing else. */
export async function atHelp(app: RunningApp, email: string): Promise<Person> {
  const browser = new Person()
  await signIn(app, browser, email)
  await browser.visit(sitting(browser, 'challenge/none'))
  return browser
}

/** After the password, at the page for a temporary access code. */
export async function atTemporary(app: RunningApp, { email }: { email: string }, client?: string): Promise<Person> {
  const browser = await halfSignedIn(app, email, client)
  await browser.visit(sitting(browser, 'challenge/temporary'))
  return browser
}

/** What a temporary access code looks like where it is shown. */
export const TEMPORARY_CODE = /\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}\b/

/** The person asks for help, the representative issues a code. */
export async function issueCode(app: RunningApp, desk: Someone, email: string): Promise<string> {
  const number = await askForHelp(await atHelp(app, email))
  await visit(app, desk, `/admin/cases/${number}`)
  await send(desk, { step: 'issue', check: 'call-back', note: '' })
  const [code] = TEMPORARY_CODE.exec(text(desk.browser.page)) ?? []
  if (!code) throw new Error(`no code on ${desk.browser.page.url}: ${text(desk.browser.page).slice(0, 300)}`)
  return code
}

/** What we count. Node's own figures are left out: some of them have as many digits as a code. */
export async function ownMetrics(app: RunningApp): Promise<string> {
  const text = await (await fetch(`${app.operationsOrigin}/metrics`)).text()
  return text
    .split('\n')
    .filter((line) => line.startsWith('sigma_'))
    .join('\n')
}

/** Columns that hold what opens or proves something, in whatever form; the chain of the audit trail proves itself. */
const SECRET = /(?:hash|sealed|sealed_note|digest|salt|number_key)$/

/** Every sealed value, digest, salt and hash in the database. */
export function keptSecrets(app: RunningApp): Set<string> {
  const found = Object.entries(tables(app)).flatMap(([name, rows]) =>
    name === 'audit' ? [] : rows.flatMap((row) => Object.entries(row).filter(([column]) => SECRET.test(column))),
  )
  return new Set(
    found.map(([, value]) => value).filter((value) => typeof value === 'string' && value.length > 8) as string[],
  )
}

/** What of these can be read in a text, however it is spelled there. */
export function readable(text: string, secrets: Iterable<string>): string[] {
  return [...secrets].filter((secret) => spellings(secret).some((spelled) => holds(text, spelled)))
}

/** In an address, a form, a header, JSON; codes without their dashes, keys of apps in groups of four. */
function spellings(secret: string): string[] {
  return [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ a: secret }).toString().slice(2),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll('-', ''),
    secret.replaceAll('-', '').toLowerCase(),
    // Whole groups only: the first four of six digits are found in any text.
    ...(secret.length % 4 === 0 ? [secret.match(/.{4}/g)?.join(' ') ?? secret] : []),
  ]
}

/** Six or eight digits are found in any longer number, which is none of ours. */
function holds(text: string, spelled: string): boolean {
  if (!/^\d{6,8}$/.test(spelled)) return text.includes(spelled)
  return new RegExp(`(?<![\\w.-])${spelled}(?![\\w.-])`).test(text)
}
