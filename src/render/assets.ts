/**
 * The public files: read once, kept in memory, named by what is in them.
 *
 * A page links `/assets/sigma.css?v=<version>`. Whoever asks with the right version may keep the answer for ever; a
 * change of the file is a change of the link.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { AppError } from '../lib/errors.ts'
import { type Brand, brandCss } from './brand.ts'

export interface Asset {
  body: Buffer
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

/** Every file of `<folder>/public` by its path, and the brand's stylesheet. `folder` is the one with the views. */
export function assets(folder: string, brand: Brand): Map<string, Asset> {
  const files = new Map<string, Asset>()
  for (const name of readdirSync(join(folder, 'public')).sort()) {
    files.set(`/assets/${name}`, asset(name, readFileSync(join(folder, 'public', name))))
  }
  return files.set('/assets/brand.css', asset('brand.css', Buffer.from(brandCss(brand))))
}

function asset(name: string, body: Buffer): Asset {
  const type = TYPES[extname(name)]
  if (!type) throw new AppError('unknown-asset', `views/public/${name} has an ending that no content type is known for`)
  const version = createHash('sha256').update(body).digest('base64url').slice(0, 12)
  return { body, type, etag: `"${version}"`, version }
}
