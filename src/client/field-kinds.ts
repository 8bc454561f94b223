/** Which fields there are, and what texts they can be given as: a command line has texts only. */
import { z } from 'zod'
import { clientFields } from './fields.ts'
import { resourceFields } from './resource-fields.ts'

type FieldKind = 'list' | 'text' | 'other'

/** The fields of a definition in their order, and whether each is a text, a list, or something that JSON writes. */
export const CLIENT_FIELDS = kinds(
  clientFields({ production: true, secret: () => undefined, acrValues: [], reserved: [] }),
)
export const RESOURCE_FIELDS = kinds(resourceFields)

function kinds(shape: z.ZodObject): ReadonlyMap<string, FieldKind> {
  return new Map(Object.entries(shape.shape).map(([name, field]) => [name, kindOf(field as z.ZodType)]))
}

function kindOf(field: z.ZodType): FieldKind {
  const inner = field instanceof z.ZodDefault || field instanceof z.ZodOptional ? field.unwrap() : field
  if (inner instanceof z.ZodArray) return 'list'
  return inner instanceof z.ZodString || inner instanceof z.ZodEnum ? 'text' : 'other'
}
