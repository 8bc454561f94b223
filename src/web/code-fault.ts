/** What can be said of a typed code by its shape, before anybody looks whether it is right: no try is spent on that. */
import { typedCode } from '../lib/typed-code.ts'
import type { Failure } from './failure.ts'

/** `digits`: how many it may have, where it is made of digits. */
export function codeFault(typed: string, digits?: readonly number[]): Failure | undefined {
  const code = typedCode(typed)
  if (code === '') return { reason: 'code-missing' }
  const whole = !digits || (/^\d+$/.test(code) && digits.includes(code.length))
  return whole ? undefined : { reason: 'code-malformed' }
}
