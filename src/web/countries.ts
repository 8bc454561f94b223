/** Countries as a person picks one for a phone number. */
import { type CountryCode, getCountryCallingCode } from 'libphonenumber-js/max'

export interface Country {
  code: string
  /** `+31` */
  prefix: string
  name: (locale: string) => string
}

export function countryList(codes: string[]): Country[] {
  return codes.map((code) => ({
    code,
    prefix: `+${getCountryCallingCode(code as CountryCode)}`,
    name: (locale) => new Intl.DisplayNames([locale], { type: 'region' }).of(code) ?? code,
  }))
}
