/** Reads a QR code off the screen, as the camera of a phone does: by another library than the one that drew it. */
import jsqr from 'jsqr'
import type { Page } from 'playwright-core'

/** What the picture on the page says. */
export async function readQr(page: Page): Promise<string> {
  // On a screen that is touched it is folded in: whoever scans it has another device.
  const folded = page.locator('.touch > details:not([open]) > summary')
  if (await folded.isVisible()) await folded.click()
  const png = await page.locator('.qr:visible').screenshot()
  const blank = await page.context().browser()?.newPage()
  // The browser itself unpacks the picture; on a page of its own, because the visitor may have no scripts.
  const picture = await blank?.evaluate(async (base64) => {
    const blob = await (await fetch(`data:image/png;base64,${base64}`)).blob()
    const bitmap = await createImageBitmap(blob)
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
    canvas?.drawImage(bitmap, 0, 0)
    const { data, width, height } = canvas?.getImageData(0, 0, bitmap.width, bitmap.height) ?? new ImageData(1, 1)
    return { data: [...data], width, height }
  }, png.toString('base64'))
  await blank?.close()
  const read = picture && jsqr.default(Uint8ClampedArray.from(picture.data), picture.width, picture.height)
  if (!read) throw new Error(`nothing to read in the picture on ${page.url()}`)
  return read.data
}
