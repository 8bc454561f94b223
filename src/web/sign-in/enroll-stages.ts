/** What each page of the wizard shows. Which page is due is the work of enroll-due.ts, what its buttons do of enroll.ts. */

import type { Locale } from '../../lib/locales.ts'
import { type Clock, secondsUntil } from '../../lib/time.ts'
import type { Stage, Wizard } from '../../mfa/enrollment.ts'
import type { CreationOptions, RequestOptions } from '../../mfa/passkey-options.ts'
import type { Account } from '../../person/account.ts'
import { type AuthenticatorApp, KNOWN_APPS } from '../authenticator-apps.ts'
import { type Country, countryChoices } from '../countries.ts'
import type { Failure } from '../failure.ts'
import type { Fields } from '../form.ts'
import { backupData, keyData, shownName } from '../setup-data.ts'

export type { Failure } from '../failure.ts'

export interface StagePagesParts {
  /** The house's own. Without one there is nothing to choose, and that page does not come up. */
  companyApp: AuthenticatorApp | undefined
  /** What apps show as the issuer of an entry. */
  product: string
  issuer: string
  countries: Country[]
  now: Clock
}

export interface Shown {
  wizard: Wizard | undefined
  /** What the browser needs to make a passkey in the place of an app; undefined where that is no choice. */
  creation: () => Promise<CreationOptions | undefined>
  /** What it needs so that the passkey that waits signs; undefined where none waits. */
  asking: () => RequestOptions | undefined
  /** Of the device that is being looked at: whether it is called a phone. */
  phone: boolean
  account: Account
  locale: Locale
  /** What was typed into the form that was refused. */
  typed: Fields
  error: Failure | undefined
}

type Data = Record<string, unknown>
export type StagePages = (stage: Stage, shown: Shown) => Promise<{ view: string; data: Data }>

/** How far somebody is; a number that is added is part of its step, and the last page is not a step any more. */
const STEPS: Partial<Record<Stage, number>> = { app: 1, scan: 2, code: 3, passkey: 3, sms: 4, 'sms-code': 4, backup: 5 }

export function stagePages({ companyApp, product, issuer, countries, now }: StagePagesParts): StagePages {
  const pages: Record<Stage, (shown: Shown) => Data | Promise<Data>> = {
    app: async (shown) => ({ companyApp, apps: KNOWN_APPS, ...(await thisDevice(shown)) }),
    // Where there is no page on which an app is chosen, this is the first.
    scan: async (shown) => ({ ...(await scan(shown)), ...(!companyApp && (await thisDevice(shown))) }),
    code: ({ wizard, error }) => ({ entry: wizard?.entry, old: wizard?.old, error }),
    passkey: ({ asking, error }) => ({ passkey: asking(), error }),
    sms: ({ wizard, typed, locale, error }) => ({
      countries: countryChoices(countries, locale, typed.country ?? wizard?.sms?.country),
      number: typed.number ?? wizard?.sms?.typed ?? '',
      passkey: wizard?.passkey === true,
      error,
    }),
    'sms-code': ({ wizard, error }) => ({
      hint: wizard?.sms?.hint,
      resendIn: secondsUntil(wizard?.sms?.resendAt ?? 0, now()),
      error,
    }),
    backup: ({ wizard, account, error }) => backup(wizard, account, error),
    done: ({ wizard }) => ({ old: wizard?.old, passkey: wizard?.passkey === true, cancel: false }),
  }

  async function thisDevice({ creation, phone, error }: Shown): Promise<Data> {
    const options = await creation()
    return options ? { device: { options, phone }, error } : {}
  }

  async function scan({
    wizard = {},
    typed,
    error,
  }: Omit<Shown, 'wizard'> & { wizard?: Partial<Wizard> | undefined }): Promise<Data> {
    const { secret = '', entry = '', name, app } = wizard
    return {
      ...(await keyData(product, { secret, entry, name })),
      appName: app === 'company' ? companyApp?.name : undefined,
      // Where an app comes from was said on the page on which one is chosen.
      apps: companyApp ? undefined : KNOWN_APPS,
      typed: shownName(typed.label ?? name),
      error,
    }
  }

  function backup(wizard: Wizard | undefined, account: Account, error: Failure | undefined): Data {
    return {
      ...backupData(issuer, account.email, wizard?.backup?.code ?? '', now()),
      made: wizard?.backup?.id,
      error,
      // Somebody who only saves a new code is in no wizard.
      ...(wizard?.provenAt === undefined && { progress: undefined }),
      cancel: false,
    }
  }

  return async (stage, shown) => {
    const at = STEPS[stage]
    const skipped = companyApp ? 0 : 1
    const progress = at === undefined ? undefined : { at: at - skipped, of: 5 - skipped }
    return { view: `enroll/${stage}`, data: { progress, ...(await pages[stage](shown)) } }
  }
}
