/**
 * Reading a form with one file in it (multipart/form-data, RFC 7578). The whole body is in memory before any of it is
 * read, so it is small; what the sender says of the file, its name and its kind, is not looked at by anybody.
 */
import { Busboy } from '@fastify/busboy'
import type { ParameterizedContext } from 'koa'
import { AppError } from '../lib/errors.ts'
import { type Fields, fields, readBytes } from './form.ts'

export interface Sent {
  fields: Fields
  /** Empty where none was chosen. */
  file: Buffer
}

export interface UploadLimits {
  /** The field with the file. */
  name: string
  /** Bytes of the file. */
  most: number
}

/** What a form of ours has around its file, several times over. */
const AROUND = 64 * 1024
const LIMITS = {
  fieldNameSize: 100,
  fieldSize: 1024,
  fields: 10,
  files: 2,
  parts: 12,
  headerPairs: 20,
  headerSize: 4096,
}

/** Throws `body-too-large` (413), `bad-request` (400) or `unsupported-type` (415). */
export async function readUpload(ctx: ParameterizedContext, { name, most }: UploadLimits): Promise<Sent> {
  if (!ctx.is('multipart/form-data')) throw new AppError('unsupported-type', 'not a form with a file', { status: 415 })
  const body = await readBytes(ctx.req, most + AROUND)
  const { entries, files } = await parts(ctx.get('Content-Type'), body).catch((cause: unknown) => {
    throw new AppError('bad-request', 'not a form with a file', { status: 400, cause })
  })
  const [file] = files
  if (!file || files.length > 1 || file.name !== name)
    throw new AppError('bad-request', 'another number of files, or in another field', { status: 400 })
  return { fields: fields(entries), file: Buffer.concat(file.chunks) }
}

interface Parts {
  entries: Array<[string, string]>
  files: Array<{ name: string; chunks: Buffer[] }>
}

function parts(type: string, body: Buffer): Promise<Parts> {
  return new Promise((resolve, reject) => {
    const found: Parts = { entries: [], files: [] }
    const tooMany = () => reject(new Error('more than a form of ours has'))
    const parser = new Busboy({ headers: { 'content-type': type }, limits: LIMITS })
    parser.on('field', (name, value, nameCut, valueCut) => {
      if (nameCut || valueCut) tooMany()
      found.entries.push([name, value])
    })
    parser.on('file', (name, stream) => {
      const chunks: Buffer[] = []
      found.files.push({ name, chunks })
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('error', reject)
    })
    for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) parser.on(limit, tooMany)
    parser.on('error', reject)
    parser.on('finish', () => resolve(found))
    parser.end(body)
  })
}
