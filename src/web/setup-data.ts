/** What pages show of a second factor that is being set up: the same in the wizard and in the security settings. */
import { keyUri, qrSvg } from '../mfa/app-code.ts'

type Data = Record<string, unknown>

interface Key {
  secret: string
  entry: string
  /** What its person calls it, if they do. */
  name?: string | undefined
}

/** How much of a refused name is shown again: enough to see what is wrong with it. */
const LONGEST_SHOWN = 80

/** A secret for an app to take up: as a drawing, as an address, and as something to type. */
export async function keyData(product: string, { secret, entry, name }: Key): Promise<Data> {
  const otpauth = keyUri(product, entry, secret)
  const groups = secret.match(/.{1,4}/g) ?? []
  return { qr: await qrSvg(otpauth), otpauth, key: secret, groups, issuer: product, entry, name }
}

/** A backup code for the one page that shows it. */
export function backupData(issuer: string, email: string, code: string, at: number): Data {
  return { code, account: email, madeAt: at, usedAt: new URL(issuer).host }
}

/** A name of an app as its field shows it again. */
export function shownName(typed = ''): string {
  return [...typed].slice(0, LONGEST_SHOWN).join('')
}
