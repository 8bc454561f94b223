/** Authenticator apps that people are shown the way to. Which one is the house's own, the configuration says. */

export interface AuthenticatorApp {
  name: string
  logo?: string | undefined
  stores: Array<{ name: string; href: string }>
}

const stores = (apple: string, google: string) => [
  { name: 'App Store', href: `https://apps.apple.com/app/${apple}` },
  { name: 'Google Play', href: `https://play.google.com/store/apps/details?id=${google}` },
]

/** What most people have already, or know. */
export const KNOWN_APPS: AuthenticatorApp[] = [
  {
    name: 'Google Authenticator',
    stores: stores('google-authenticator/id388497605', 'com.google.android.apps.authenticator2'),
  },
  { name: 'Microsoft Authenticator', stores: stores('microsoft-authenticator/id983156458', 'com.azure.authenticator') },
]

/** The house's own, as the configuration describes it. An empty name says that there is none. */
export function houseApp(described: AuthenticatorApp): AuthenticatorApp | undefined {
  return described.name === '' ? undefined : described
}
