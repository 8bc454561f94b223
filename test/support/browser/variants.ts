/** In how many ways a journey is gone through: language, screen, light or dark, with and without scripts. */
import type { BrowserContextOptions } from 'playwright-core'
import { DESKTOP, PHONE } from './chromium.ts'

export type Locale = 'en' | 'nl'
export type Variant = [slug: string, locale: Locale, options: BrowserContextOptions]

/** Where one way to look at it is enough. */
export const DESK: Variant = ['en-desk', 'en', { viewport: DESKTOP }]

const PHONE_DARK: Variant = [
  'nl-phone-dark',
  'nl',
  { viewport: PHONE, isMobile: true, hasTouch: true, colorScheme: 'dark' },
]

/**
 * Both languages, both screens, and with and without scripts: any two of these meet in one of the four. On two nodes
 * behind a proxy once: how the pages look is shown by then, and what one request leaves to the next is the same.
 */
export const VARIANTS: Variant[] = process.env.SIGMA_TEST_MONGODB
  ? [PHONE_DARK]
  : [
      DESK,
      PHONE_DARK,
      ['en-phone-plain', 'en', { viewport: PHONE, javaScriptEnabled: false }],
      ['nl-desk-plain', 'nl', { viewport: DESKTOP, javaScriptEnabled: false }],
    ]
