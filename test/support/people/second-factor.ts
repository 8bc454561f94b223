/** Two-step verification as a person does it without scripts: the wizard, the codes of the app, the challenge. */
import { createGuardrails, generateSync } from 'otplib'
import { USUAL } from '../../../src/person/authenticator.ts'
import type { RunningApp } from '../app/app.ts'
import type { Page, Person } from './person.ts'

export const PASSWORD = 'vier losse woorden samen'

/** What an app shows for this key at this moment (milliseconds). Those of other systems may have shorter keys. */
export function codeOf(key: string, at: number, { algorithm, digits, period } = USUAL): string {
  const hash = { SHA1: 'sha1', SHA256: 'sha256', SHA512: 'sha512' } as const
  const guardrails = createGuardrails({ MIN_SECRET_BYTES: 10 })
  return generateSync({
    secret: key,
    epoch: Math.floor(at / 1000),
    algorithm: hash[algorithm],
    digits,
    period,
    guardrails,
  })
}

/** What an app with this key never shows about this moment: neither now nor a minute before or after. */
export function wrongCode(key: string, at: number): string {
  const shown = codesAbout(key, at)
  for (let code = 0; ; code += 1) {
    const candidate = String(code).padStart(6, '0')
    if (!shown.includes(candidate)) return candidate
  }
}

/** Whether the code of one app at this moment is none of another's: of a million codes they could show the same. */
export function apart(key: string, other: string, at: number): boolean {
  return !codesAbout(other, at).includes(codeOf(key, at))
}

function codesAbout(key: string, at: number): string[] {
  return [-2, -1, 0, 1, 2].map((step) => codeOf(key, at + step * 30_000))
}

export function text(page: Page): string {
  return page.html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
}

/** Presses the button with this value in the form on the page. */
export function press(person: Person, step: string, fields: Record<string, string> = {}): Promise<Page> {
  return person.submit({ ...fields, step })
}

/** Invites and activates an account; the person ends at the sign-in page of the portal. */
export async function activated(app: RunningApp, email: string, person: Person): Promise<void> {
  await app.core.links.invite({ email, name: 'Sanne de Vries', locale: 'en' })
  await person.visit(await app.linkFor(email))
  await person.submit({ password: PASSWORD, repeat: PASSWORD })
}

export interface Enrolled {
  /** The key in the app. */
  key: string
  backupCode: string
}

/** From the first page of the wizard to the last; `at` is the moment of the code. The backup code is saved. */
export async function enroll(person: Person, at: () => number): Promise<Enrolled> {
  const key = await appBound(person, at)
  await press(person, 'skip')
  return { key, backupCode: await backupSaved(person) }
}

/** From the first page of the wizard to the one that asks for the code; the key that it showed on the way. */
export async function scanned(person: Person): Promise<string> {
  if (person.page.html.includes('value="enable"')) await press(person, 'enable')
  await press(person, 'app:other')
  const key = keyOn(person.page)
  await press(person, 'scanned')
  return key
}

/** And past that page: the wizard asks for a number. */
export async function appBound(person: Person, at = () => Date.now()): Promise<string> {
  const key = await scanned(person)
  await press(person, 'code', { code: codeOf(key, at()) })
  return key
}

/** The last pages of the wizard: the backup code, which is saved. */
export async function backupSaved(person: Person): Promise<string> {
  const backupCode = backupCodeOn(person.page)
  await press(person, 'saved', { saved: 'yes' })
  await press(person, 'continue')
  return backupCode
}

export function keyOn(page: Page): string {
  const key = /secret=([A-Z2-7]{32})/.exec(page.html)?.[1]
  if (!key) throw new Error(`no key on ${page.url}: ${text(page).slice(0, 300)}`)
  return key
}

export function backupCodeOn(page: Page): string {
  const code = /\b(?:[0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}\b/.exec(page.html)?.[0]
  if (!code) throw new Error(`no backup code on ${page.url}: ${text(page).slice(0, 300)}`)
  return code
}
