/** The forms that several settings have. What one says of a wrong value is what it should have been. */
import { z } from 'zod'
import { senderOf } from '../delivery/sendable.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../lib/time.ts'

const UNITS: Record<string, number> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY }

/** `30s`, `10m`, `12h`, `90d`, in milliseconds. */
export const duration = z
  .string()
  .regex(/^[1-9]\d{0,5}[smhd]$/, 'a duration such as 30s, 10m, 12h or 90d')
  .transform((text) => Number(text.slice(0, -1)) * (UNITS[text.slice(-1)] ?? 0))

export const origin = z
  .string()
  .refine(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'an origin such as https://id.example.org, without a path',
  )
export const port = z.int().min(0).max(65_535)
export const color = z.string().regex(/^#[0-9a-f]{6}$/i, 'a color such as #1f3a5f')

export const timeZone = z.string().refine(isTimeZone, 'a time zone such as Europe/Amsterdam')

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

export const sender = z
  .string()
  .refine((text) => senderOf(text) !== undefined, 'an address such as Sigma ID <no-reply@sigma.example>')

export const listener = z.strictObject({ host: z.string().default('127.0.0.1'), port })
