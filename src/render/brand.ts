/**
 * The looks of whoever runs this installation: names, logo, two colors.
 *
 * An operator picks a color for its looks; whether text on it can be read is worked out here (WCAG 2.2, 1.4.3), so that
 * no configuration makes a page that people cannot use.
 */
import { AppError } from '../lib/errors.ts'

export interface Brand {
  /** Who the pages speak for: `Sigma`. */
  name: string
  /** What a person signs in with: `Sigma ID`. */
  product: string
  /** A path under /assets/, or a `data:image/` URL. The pages' policy admits no other origin. */
  logo?: string
  /** `#rrggbb`, for the light and the dark scheme. */
  color: string
  colorDark: string
  supportEmail?: string
  supportPhone?: string
  /** IANA name; times that people read are in this zone. */
  timeZone?: string
}

export const defaultBrand: Brand = { name: 'Sigma', product: 'Sigma ID', color: '#12515c', colorDark: '#8ccdd3' }

const WHITE = '#ffffff'
const BLACK = '#000000'
/** What text in the brand's color has to stand out from: the darkest light ground and the lightest dark one. */
const GROUND = { light: '#f2f5f5', dark: '#1b2425' }
const READABLE = 4.5

/** The custom properties that views/public/sigma.css takes its brand colors from; it is served with them before it. */
export function brandCss(brand: Brand): string {
  const light = properties(channels(brand.color), GROUND.light, BLACK)
  const dark = properties(channels(brand.colorDark), GROUND.dark, WHITE)
  return `:root{${light}}\n@media (prefers-color-scheme:dark){:root{${dark}}}\n`
}

/**
 * White where white can be read, else black. One of the two always can: the worst gray for both still has a contrast of
 * 4.58 with either.
 */
export function textOn(color: string): string {
  return contrast(color, WHITE) >= READABLE ? WHITE : BLACK
}

/** From 1 to 21 (WCAG 2.2, contrast ratio). */
export function contrast(a: string, b: string): number {
  const [lighter = 0, darker = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (lighter + 0.05) / (darker + 0.05)
}

function properties(color: Channels, ground: string, towards: string): string {
  const fill = hex(color)
  const text = textOn(fill)
  // A hovered button moves away from its text, so its contrast only grows.
  const hover = hex(mix(color, channels(text === WHITE ? BLACK : WHITE), 0.15))
  return `--brand:${fill};--brand-hover:${hover};--on-brand:${text};--brand-text:${readable(color, ground, towards)}`
}

function readable(color: Channels, ground: string, towards: string): string {
  for (let part = 0; part < 1; part += 0.05) {
    const candidate = hex(mix(color, channels(towards), part))
    if (contrast(candidate, ground) >= READABLE) return candidate
  }
  return towards
}

type Channels = [red: number, green: number, blue: number]

// The color ends up in a stylesheet as it is, so nothing but six digits gets through.
function channels(color: string): Channels {
  if (!/^#[0-9a-f]{6}$/i.test(color)) {
    throw new AppError('invalid-brand', `a brand color is #rrggbb, not ${JSON.stringify(color)}`)
  }
  const [red = 0, green = 0, blue = 0] = Buffer.from(color.slice(1), 'hex')
  return [red, green, blue]
}

function hex(color: Channels): string {
  return `#${Buffer.from(color).toString('hex')}`
}

function mix(a: Channels, b: Channels, part: number): Channels {
  const between = (x: number, y: number) => Math.round(x + (y - x) * part)
  return [between(a[0], b[0]), between(a[1], b[1]), between(a[2], b[2])]
}

function luminance(color: string): number {
  const [red, green, blue] = channels(color).map((channel) => {
    const share = channel / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as Channels
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
