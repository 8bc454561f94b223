/** What pages show of a second factor that is being set up: the same in the wizard and in the security settings. */
import { keyUri, qrSvg } from '../mfa/app-code.ts'

type Data = Record<string, unknown>

/** A secret for an app to take up: as a drawing, as an address, and as something to type. */
export async function keyData(product: string, { secret, entry }: { secret: string; entry: string }): Promise<Data> {
  const otpauth = keyUri(product, entry, secret)
  const groups = secret.match(/.{1,4}/g) ?? []
  return { qr: await qrSvg(otpauth), otpauth, key: secret, groups, issuer: product, entry }
}

/** A backup code for the one page that shows it. The file to download is part of that page: no second address knows the code. */
export function backupData(product: string, email: string, code: string): Data {
  const text = `${product}\n${email}\n\n${code}\n`
  return {
    code,
    account: email,
    filename: 'sigma-id-backup-code.txt',
    downloadHref: `data:text/plain;charset=utf-8,${encodeURIComponent(text)}`,
  }
}
