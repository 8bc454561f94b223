/**
 * What one instance of the provider tells everybody: the discovery document and the key set. Both are the same for everyone
 * until the next instance, so the library's first answer is kept as the text that it became.
 */
import type { KoaContextWithOIDC } from 'oidc-provider'

export interface Published {
  file: 'keys' | 'discovery'
  body: string
  /** Bytes of the body. */
  length: number
  /** Its content type. */
  type: string
}

export interface PublishedFiles {
  /** Undefined for every other address, and until the library has answered at this one. */
  at(path: string): Published | undefined
  /** Keeps what the library has just answered, if it is one of these. */
  keep(answered: KoaContextWithOIDC): void
}

const FILES: Record<string, Published['file']> = { jwks: 'keys', discovery: 'discovery' }

export function publishedFiles(): PublishedFiles {
  const kept = new Map<string, Published>()
  return {
    at: (path) => kept.get(path),
    keep(ctx) {
      // Undefined where something answered before the library looked.
      const { route = '' } = (ctx.oidc as KoaContextWithOIDC['oidc'] | undefined) ?? {}
      const file = FILES[route]
      if (!file || ctx.method !== 'GET' || ctx.status !== 200 || kept.has(ctx.path)) return
      const body = JSON.stringify(ctx.body)
      kept.set(ctx.path, { file, body, length: Buffer.byteLength(body), type: ctx.response.get('Content-Type') })
    },
  }
}
