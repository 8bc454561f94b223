/** Pictures as somebody sends them in: of each format, and of each thing that is wrong with some. */
import { crc32 } from 'node:zlib'
import sharp from 'sharp'

export const SECRET_IN_PICTURE = 'where-this-photo-was-taken'

export function picture(width = 600, height = 300, background = '#d01c1c') {
  return sharp({ create: { width, height, channels: 4, background } })
}

export const png = (...size: [number?, number?]) =>
  picture(...size)
    .png()
    .toBuffer()
export const jpeg = () =>
  picture()
    .flatten()
    .withExif({ IFD0: { Copyright: SECRET_IN_PICTURE } })
    .jpeg()
    .toBuffer()
export const webp = () =>
  picture()
    .withExif({ IFD0: { Copyright: SECRET_IN_PICTURE } })
    .webp()
    .toBuffer()
export const gif = () => picture().gif().toBuffer()

export async function movingWebp(): Promise<Buffer> {
  const frames = await Promise.all(['#f00', '#00f'].map((color) => picture(20, 20, color).png().toBuffer()))
  return sharp(frames, { join: { animated: true } })
    .webp({ loop: 0, delay: [100, 100] })
    .toBuffer()
}

/** A sound header that says how large it is; there is nothing like as much behind it. */
export async function claiming(width: number, height: number): Promise<Buffer> {
  const bytes = await png(30, 30)
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29)
  return bytes
}

/** So much noise that it stays large. */
export async function large(bytes: number): Promise<Buffer> {
  return Buffer.concat([await png(), Buffer.alloc(bytes, 'x')])
}

/** One as somebody would draw it: dark, on nothing. */
export async function seal(): Promise<Buffer> {
  const layer = (side: number, color: string) => picture(side, side, color).png().toBuffer()
  const places: Array<[size: number, color: string, left: number, top: number]> = [
    [150, '#0b3b5c', 30, 30],
    [150, '#0b3b5c', 220, 220],
    [150, '#e07a1f', 220, 30],
    [150, '#2f8f83', 30, 220],
  ]
  const parts = await Promise.all(
    places.map(async ([size, color, left, top]) => ({ input: await layer(size, color), left, top })),
  )
  return picture(400, 400, '#0000').composite(parts).png().toBuffer()
}
