/** Whether the document on standard input is one, by the specification's own schema. Prints what is wrong. */
import { json } from 'node:stream/consumers'
import { Validator } from '@seriousme/openapi-schema-validator'

const validator = new Validator()
const { valid, errors } = await validator.validate(await json(process.stdin))
process.stdout.write(JSON.stringify({ valid, version: validator.version, errors }))
