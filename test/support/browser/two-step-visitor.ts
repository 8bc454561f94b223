/** Two-step verification as people meet it in a browser: the labels of the journeys, and the way up to its first page. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { type RunningApp, startApp } from '../app/app.ts'
import { Person } from '../people/person.ts'
import { activated, appBound, backupSaved, PASSWORD, press } from '../people/second-factor.ts'
import { type Visitor, visitor } from './chromium.ts'
import type { Locale } from './variants.ts'

export type Words = (typeof WORDS)['en']

export const WORDS = {
  en: {
    email: 'E-mail address',
    password: 'Password',
    signIn: 'Sign in',
    signOut: 'Sign out',
    offer: 'Add an extra layer of security',
    enable: 'Enable',
    later: 'Remind me later',
    deadline: '1 January 2099',
    choose: 'Choose your app',
    companyApp: 'Sigma Authenticator',
    other: 'I use a different authenticator app',
    scan: 'Scan the QR code',
    second: 'Step 2 of 5',
    set: 'Set up your app',
    here: 'Put the account in your app',
    otherDevice: 'On another device: scan the QR code',
    manually: 'Enter manually',
    copyKey: 'Copy key',
    copied: 'Copied',
    next: 'Next',
    back: 'Back to the QR code',
    digits: '6-digit code',
    sms: 'Add SMS as a backup',
    country: 'Country',
    countryFirst: 'Netherlands (+31)',
    number: 'Phone number',
    send: 'Send code',
    fromSms: 'Code from the SMS',
    resend: 'Resend code',
    wait: 'Wait 30 seconds before we send another code.',
    change: 'Change number',
    skip: 'Skip',
    save: 'Save your backup code',
    copy: 'Copy',
    download: 'Download',
    print: 'Print',
    saved: 'I have saved this code',
    on: 'Two-step verification is on',
    proceed: 'Continue',
    challenge: 'Two-step verification',
    verify: 'Verify',
    remember: 'Remember this device for 30 days',
    rememberNot: 'Not on a public or shared computer.',
    another: 'Use another method',
    text: 'Text message',
    backupCode: 'Backup code',
    none: 'I can’t use any of these',
    temporary: 'I was given a temporary access code',
    temporaryCode: 'Temporary access code',
    noneBack: 'Back to the other methods',
    lost: 'Is your phone lost for good?',
    elsewhere: 'in another browser',
    lostYes: 'Yes, set up two-step verification again',
    lostNo: 'No, I still have my phone',
    cancel: 'Cancel',
    asks: 'Sigma Portal asks you to confirm with a code before you go on.',
    approve: 'Approve payroll run',
    approved: 'The payroll run is approved.',
    cancelled: 'You canceled. Nothing was approved.',
    denied: 'You canceled, or your account has no access.',
  },
  nl: {
    email: 'E-mailadres',
    password: 'Wachtwoord',
    signIn: 'Inloggen',
    signOut: 'Uitloggen',
    offer: 'Voeg een extra beveiligingslaag toe',
    enable: 'Inschakelen',
    later: 'Later herinneren',
    deadline: '1 januari 2099',
    choose: 'Kies je app',
    companyApp: 'Sigma Authenticator',
    other: 'Ik gebruik een andere authenticator-app',
    scan: 'Scan de QR-code',
    second: 'Stap 2 van 5',
    set: 'Stel je app in',
    here: 'Zet het account in je app',
    otherDevice: 'Op een ander apparaat: scan de QR-code',
    manually: 'Handmatig invoeren',
    copyKey: 'Sleutel kopiëren',
    copied: 'Gekopieerd',
    next: 'Volgende',
    back: 'Terug naar de QR-code',
    digits: '6-cijferige code',
    sms: 'Voeg sms toe als back-up',
    country: 'Land',
    countryFirst: 'Nederland (+31)',
    number: 'Telefoonnummer',
    send: 'Code versturen',
    fromSms: 'Code uit het sms’je',
    resend: 'Code opnieuw versturen',
    wait: 'Wacht 30 seconden voordat we weer een code sturen.',
    change: 'Nummer wijzigen',
    skip: 'Overslaan',
    save: 'Bewaar je back-upcode',
    copy: 'Kopiëren',
    download: 'Downloaden',
    print: 'Afdrukken',
    saved: 'Ik heb deze code bewaard',
    on: 'Verificatie in twee stappen staat aan',
    proceed: 'Doorgaan',
    challenge: 'Verificatie in twee stappen',
    verify: 'Controleren',
    remember: 'Dit apparaat 30 dagen onthouden',
    rememberNot: 'Niet op een openbare of gedeelde computer.',
    another: 'Andere methode gebruiken',
    text: 'Sms’je',
    backupCode: 'Back-upcode',
    none: 'Ik kan geen van deze gebruiken',
    temporary: 'Ik heb een tijdelijke toegangscode gekregen',
    temporaryCode: 'Tijdelijke toegangscode',
    noneBack: 'Terug naar de andere methodes',
    lost: 'Ben je je telefoon voorgoed kwijt?',
    elsewhere: 'in een andere browser',
    lostYes: 'Ja, verificatie in twee stappen opnieuw instellen',
    lostNo: 'Nee, ik heb mijn telefoon nog',
    cancel: 'Annuleren',
    asks: 'Sigma Portal vraagt je te bevestigen met een code voordat je verdergaat.',
    approve: 'Salarisrun goedkeuren',
    approved: 'De salarisrun is goedgekeurd.',
    cancelled: 'Je hebt geannuleerd. Er is niets goedgekeurd.',
    denied: 'Je hebt geannuleerd, of je account heeft geen toegang.',
  },
}

/** The product with a campaign that is running; everybody may still wait. */
export function startCampaign(): Promise<RunningApp> {
  return startApp({
    settings: {
      throttle: { perAddress: 10000, perNetwork: 10000 },
      twoStep: {
        campaign: { everyone: { start: '2026-01-01', deadline: '2099-01-01' } },
        companyApp: {
          stores: [
            { name: 'App Store', href: 'https://apps.apple.com/app/sigma-authenticator' },
            { name: 'Google Play', href: 'https://play.google.com/store/apps/details?id=example.sigma' },
          ],
        },
        sms: { countries: ['NL', 'BE', 'DE'], perNetworkHour: 1000 },
      },
    },
  })
}

export function open(browser: Browser, locale: Locale, options: BrowserContextOptions): Promise<Visitor> {
  return visitor(browser, { ...options, locale: locale === 'nl' ? 'nl-NL' : 'en-GB' })
}

/** From the portal to whatever follows on the password. */
export async function signIn(page: Page, app: RunningApp, locale: Locale, email: string): Promise<void> {
  const words = WORDS[locale]
  await page.goto(`${app.portalOrigin}/login`)
  await page.getByLabel(words.email).fill(email)
  await page.getByLabel(words.password, { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: words.signIn, exact: true }).click()
  await page.getByLabel(words.password, { exact: true }).waitFor({ state: 'detached' })
}

/** The code in the newest message. */
export async function codeBySms(app: RunningApp): Promise<string> {
  const message = (await app.inbox()).find(({ channel }) => channel === 'sms')
  const code = /#(\d{6})$/.exec(message?.text ?? '')?.[1]
  if (!code) throw new Error(`no code in ${message?.text}`)
  return code
}

/** The key as the page shows it to somebody who types it. */
export async function keyOnPage(page: Page): Promise<string> {
  const shown = await page.locator('.facts .key').textContent()
  return (shown ?? '').replaceAll(' ', '')
}

export interface Equipped {
  key: string
  backupCode: string
}

/** Somebody who has set everything up, by a browser that nobody looks at. */
export async function equipped(app: RunningApp, email: string, number: string): Promise<Equipped> {
  const person = new Person()
  await activated(app, email, person)
  await person.submit({ email, password: PASSWORD })
  const key = await appBound(person)
  await press(person, 'send', { number, country: 'NL' })
  await press(person, 'sms-code', { code: await codeBySms(app) })
  return { key, backupCode: await backupSaved(person) }
}
