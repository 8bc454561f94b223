/** The input of a verb as options of a command. */
import { readFileSync, statSync } from 'node:fs'
import { Option } from 'commander'
import { z } from 'zod'
import { InputError } from '../lib/errors.ts'

/** `also` is another name of it. */
export function optionFor(field: string, shape: z.ZodType, also?: string): Option {
  const flag = also === undefined ? flagOf(field) : `${also}, ${flagOf(field)}`
  const inner = shape instanceof z.ZodDefault || shape instanceof z.ZodOptional ? shape.unwrap() : shape
  const description = shape.description ?? ''
  if (inner instanceof z.ZodBoolean) return new Option(flag, description)
  if (inner instanceof z.ZodArray || shape.meta()?.repeated)
    return new Option(`${flag} <value>`, description).argParser((value, before: string[] | undefined) => [
      ...(before ?? []),
      value,
    ])
  const option =
    inner instanceof z.ZodBase64
      ? new Option(`${flag} <file>`, `file with ${description}`).argParser((path) => fileAt(path, field, inner))
      : new Option(`${flag} <value>`, description)
  return shape.safeParse(undefined).success ? option : option.makeOptionMandatory()
}

/** To other doors the bytes themselves are base64; here they are a file. One that is too long is not read. */
function fileAt(path: string, field: string, { maxLength }: z.ZodBase64): string {
  try {
    const { size } = statSync(path)
    if (maxLength === null || size <= (maxLength / 4) * 3) return readFileSync(path, 'base64')
  } catch {
    throw new InputError('The input is not in order.', [{ path: field, reason: 'is no file that can be read here' }])
  }
  throw new InputError('The input is not in order.', [{ path: field, reason: 'is too large', code: 'too-large' }])
}

/** `givenName` is `--given-name` here. */
export function flagOf(field: string): string {
  // A variable of the environment is named as it is.
  if (/^[A-Z0-9_]+$/.test(field)) return field
  return `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
