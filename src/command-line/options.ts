/** The input of a verb as options of a command. */
import { Option } from 'commander'
import { z } from 'zod'

export function optionFor(field: string, shape: z.ZodType): Option {
  const flag = flagOf(field)
  const inner = shape instanceof z.ZodDefault || shape instanceof z.ZodOptional ? shape.unwrap() : shape
  const description = shape.description ?? ''
  if (inner instanceof z.ZodBoolean) return new Option(flag, description)
  if (inner instanceof z.ZodArray || shape.meta()?.repeated)
    return new Option(`${flag} <value>`, description).argParser((value, before: string[] | undefined) => [
      ...(before ?? []),
      value,
    ])
  const option = new Option(`${flag} <value>`, description)
  return shape.safeParse(undefined).success ? option : option.makeOptionMandatory()
}

/** `givenName` is `--given-name` here. */
export function flagOf(field: string): string {
  // A variable of the environment is named as it is.
  if (/^[A-Z0-9_]+$/.test(field)) return field
  return `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
