/**
 * The public files: read once, kept in memory, named by what is in them.
 *
 * A page links `/assets/sigma.css?v=<version>`. Whoever asks with the right version may keep the answer for ever; a
 * change of the file is a change of the link. The brand's colors stand in the one stylesheet, so that no page waits for
 * another.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { AppError } from '../lib/errors.ts'
import { lazily } from '../lib/once.ts'
import { type Brand, brandCss } from './brand.ts'

export interface Asset {
  body: Buffer
  /** Makes the body smaller for the line, at the first call only; undefined where that gains nothing. */
  compressed?: Record<'br' | 'gzip', () => Promise<Buffer>>
  /** The value of Content-Type. */
  type: string
  /** The value of ETag, quotes included. */
  etag: string
  /** The value of `v` under which the file may be cached for ever. */
  version: string
}

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
}

/** These are compressed already. */
const COMPRESSED = ['image/png']

/** What is no longer than this stands in the page itself: to ask for it would take more than it is. */
const SHORTEST_FILE = 1024

/** Every file of `<folder>/public` by its path. `folder` is the one with the views. */
export function assets(folder: string, brand: Brand): Map<string, Asset> {
  const files = new Map<string, Asset>()
  for (const name of readdirSync(join(folder, 'public')).sort()) {
    const body = withoutComments(name, readFileSync(join(folder, 'public', name)))
    const whole = name === 'sigma.css' ? Buffer.concat([Buffer.from(brandCss(brand)), body]) : body
    files.set(`/assets/${name}`, asset(name, whole))
  }
  return files
}

/** The address of a picture for a page: the picture itself if it is short, else undefined. */
export function pictureInPage({ type, body }: Asset): string | undefined {
  return body.length > SHORTEST_FILE ? undefined : `data:${type};base64,${body.toString('base64')}`
}

/** A fifth of what goes over the line would be comments; whoever reads them has the file. They stand on lines of their own. */
const COMMENTS: Record<string, RegExp> = {
  '.css': /^[ \t]*\/\*[\s\S]*?\*\/\n/gm,
  '.js': /^[ \t]*(\/\*[\s\S]*?\*\/|\/\/.*)\n/gm,
}

function withoutComments(name: string, body: Buffer): Buffer {
  const comments = COMMENTS[extname(name)]
  return comments ? Buffer.from(String(body).replace(comments, '')) : body
}

function asset(name: string, body: Buffer): Asset {
  const type = TYPES[extname(name)]
  if (!type) throw new AppError('unknown-asset', `views/public/${name} has an ending that no content type is known for`)
  const version = createHash('sha256').update(body).digest('base64url').slice(0, 12)
  const file = { body, type, etag: `"${version}"`, version }
  if (COMPRESSED.includes(type)) return file
  return { ...file, compressed: { br: lazily(() => smallest(body)), gzip: lazily(() => gzipped(body, { level: 9 })) } }
}

// In a thread of the pool, when somebody first asks: the best that brotli can takes it 50 ms for a stylesheet, which
// the start would wait for.
const brotli = promisify(brotliCompress)
const gzipped = promisify<Buffer, object, Buffer>(gzip)

function smallest(body: Buffer): Promise<Buffer> {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT, BROTLI_MAX_QUALITY } = constants
  const params = { [BROTLI_PARAM_QUALITY]: BROTLI_MAX_QUALITY, [BROTLI_PARAM_SIZE_HINT]: body.length }
  return brotli(body, { params })
}
