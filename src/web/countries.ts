/** Countries as a person picks one for a phone number. */
import { type CountryCode, getCountryCallingCode } from 'libphonenumber-js/max'

export interface Country {
  code: string
  /** `+31` */
  prefix: string
  name: (locale: string) => string
}

/** A country in the list on the page. */
export interface CountryChoice {
  code: string
  prefix: string
  name: string
  selected: boolean
}

export function countryList(codes: string[]): Country[] {
  return codes.map((code) => ({
    code,
    prefix: `+${getCountryCallingCode(code as CountryCode)}`,
    name: (locale) => new Intl.DisplayNames([locale], { type: 'region' }).of(code) ?? code,
  }))
}

/** The first one is selected where none was. */
export function countryChoices(countries: Country[], locale: string, selected: string | undefined): CountryChoice[] {
  return countries.map(({ code, prefix, name }, index) => ({
    code,
    prefix,
    name: name(locale),
    selected: selected ? code === selected : index === 0,
  }))
}
