/** The shape of a line that brings somebody along, as it is published. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lineSchema } from '../../../src/migration/line.ts'

test('docs/people.schema.json is the shape that is read', () => {
  const published = readFileSync(join(import.meta.dirname, '../../../docs/people.schema.json'), 'utf8')
  expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(lineSchema())))
})
