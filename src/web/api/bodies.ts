/**
 * Bodies that verbs take as they come, and check by other means than their own input (client/definition.ts): told here for
 * the document only, by the same shapes as that check.
 */
import { z } from 'zod'
import { previewClient } from '../../admin/client-looks.ts'
import { previewResource } from '../../admin/resources.ts'
import { clientFields } from '../../client/fields.ts'
import { resourceFields } from '../../client/resource-fields.ts'

/** What may be said depends on where the product runs; the shapes do not. */
const FIELDS = clientFields({ production: true, secret: () => undefined, acrValues: [], reserved: [] })

export const CLIENT_DEFINITION = FIELDS

/** RFC 7396: null takes a field out. An id is never changed. */
const CHANGES = Object.fromEntries(
  Object.entries(FIELDS.omit({ client_id: true }).shape).map(([name, field]) => [name, unsaid(field)]),
)

export const CLIENT_CHANGE = z.strictObject(
  Object.fromEntries(Object.entries(CHANGES).map(([name, field]) => [name, field.nullable()])),
)

/** Of one that is there, by `client`, or of one that is to be. */
export const CLIENT_PREVIEW = z.strictObject({
  ...previewClient.input.pick({ client: true, version: true, to: true, unset: true }).shape,
  client_id: FIELDS.shape.client_id.optional(),
  ...CHANGES,
})

export const RESOURCE_DEFINITION = resourceFields

export const RESOURCE_CHANGE = z.strictObject(
  Object.fromEntries(
    Object.entries(resourceFields.omit({ indicator: true }).shape).map(([name, field]) => [
      name,
      unsaid(field).nullable(),
    ]),
  ),
)

export const RESOURCE_PREVIEW = z.strictObject({
  ...previewResource.input.pick({ resource: true, version: true, to: true }).shape,
  ...Object.fromEntries(Object.entries(resourceFields.shape).map(([name, field]) => [name, unsaid(field)])),
})

function unsaid(field: z.ZodType): z.ZodOptional {
  return (field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : field).optional()
}
