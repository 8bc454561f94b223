/** A logo is light for whoever signs in for the first time, whatever picture was sent. */

import sharp from 'sharp'
import { expect, test } from 'vitest'
import { pictureOf } from '../../../src/client/logo-picture.ts'

/** One byte for each of 256 × 256 pixels, 256 colors, and what holds them together. */
const MOST_SERVED = 256 * 256 + 1024 + 512

async function served(red: (at: number) => number): Promise<Buffer> {
  const side = 256
  const pixels = Buffer.from(
    Array.from({ length: side * side }, (_, at) => [red(at), at % 256, Math.floor(at / side), 255]).flat(),
  )
  const sent = await sharp(pixels, { raw: { width: side, height: side, channels: 4 } })
    .png()
    .toBuffer()
  const made = await pictureOf(sent)
  if (!made.ok) throw new Error(made.reason)
  return made.png
}

test.each<[what: string, red: (at: number) => number]>([
  ['a smooth one', () => 128],
  // No two neighbors alike: nothing is left to compress.
  ['one like sand', (at) => (Math.imul(at, 2654435761) >>> 13) & 255],
])('%s has 256 colors at most', async (_what, red) => {
  const png = await served(red)
  expect(png.length).toBeLessThanOrEqual(MOST_SERVED)
  expect(await sharp(png).metadata()).toMatchObject({ width: 256, height: 256, isPalette: true })
})
