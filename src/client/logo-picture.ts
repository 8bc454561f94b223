/**
 * Makes a logo of a picture that somebody sent. What it is, is told by its own bytes, never by its name or by what the
 * sender says of it. It is decoded, made small and written anew as PNG, so that nothing of what was sent is ever served:
 * neither where a photo was taken, nor what hangs behind a picture, nor a page that also reads as one.
 *
 * The library is C and reads what may have been made to break it. So it reads three formats and no other, small pictures
 * only, one at a time, and only for whoever may change an application.
 */
import { semaphore } from '../lib/semaphore.ts'
import { SECOND } from '../lib/time.ts'

export const MOST_BYTES = 1024 * 1024
/** Of what is sent, pixels. */
const LONGEST_SIDE = 4096
const MOST_PIXELS = 16 * 1024 * 1024
/** Of what is made. */
const SIDE = 256
/** Seconds: decoding more takes a picture that was made to take long. */
const PATIENCE = 10

export const PICTURE_FAULTS = [
  'empty',
  'too-large',
  'unknown-format',
  'animated',
  'too-many-pixels',
  'unreadable',
] as const
export type PictureFault = (typeof PICTURE_FAULTS)[number]

export type Made = { ok: true; png: Buffer } | { ok: false; reason: PictureFault }

/** How each format begins. */
const FORMATS: Record<string, (bytes: Buffer) => boolean> = {
  png: (bytes) => bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex')),
  jpeg: (bytes) => bytes.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex')),
  webp: (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP',
}

/** A decoded picture takes 64 MB: one at a time. */
const inTurn = semaphore({ running: 1, waiting: 10, patience: 15 * SECOND })

export async function pictureOf(bytes: Buffer): Promise<Made> {
  if (bytes.length === 0) return { ok: false, reason: 'empty' }
  if (bytes.length > MOST_BYTES) return { ok: false, reason: 'too-large' }
  const format = Object.keys(FORMATS).find((name) => FORMATS[name]?.(bytes))
  if (format === undefined) return { ok: false, reason: 'unknown-format' }
  return inTurn(() => made(bytes, format))
}

async function made(bytes: Buffer, format: string): Promise<Made> {
  const sharp = await library()
  try {
    // Of the header only: nothing is decoded yet, however large it says that it is.
    const { width, height, pages = 1, ...facts } = await sharp(bytes, { limitInputPixels: false }).metadata()
    if (facts.format !== format) return { ok: false, reason: 'unreadable' }
    if (Math.max(width, height) > LONGEST_SIDE || width * height > MOST_PIXELS)
      return { ok: false, reason: 'too-many-pixels' }
    if (pages > 1) return { ok: false, reason: 'animated' }
    const png = await sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'error', sequentialRead: true })
      .timeout({ seconds: PATIENCE })
      .autoOrient()
      .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      // Of 256 colors at most: a quarter of the bytes, which whoever signs in for the first time waits for.
      .png({ compressionLevel: 9, palette: true })
      .toBuffer()
    return { ok: true, png }
  } catch {
    return { ok: false, reason: 'unreadable' }
  }
}

/** Loaded with the first picture: a node that never gets one does without its 25 MB. */
async function library() {
  const { default: sharp } = await import('sharp')
  sharp.cache(false)
  sharp.concurrency(1)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({
    operation: ['VipsForeignLoadPngBuffer', 'VipsForeignLoadJpegBuffer', 'VipsForeignLoadWebpBuffer'],
  })
  return sharp
}
