/**
 * A page as it is served, in one text: its stylesheets and pictures in it, its scripts left out. Nothing has to be
 * fetched. A picture that somebody sent in is a dark one on nothing.
 */
import { join } from 'node:path'
import { assets } from '../../../src/render/assets.ts'
import { defaultBrand, type PageData, views } from '../../../src/render/views.ts'

const FOLDER = join(import.meta.dirname, '../../../views')
const brand = {
  ...defaultBrand,
  supportEmail: 'servicedesk@administratiekantoor.example',
  supportPhone: '+31 20 123 45 67',
}
const rendered = views(FOLDER, brand)
const files = assets(FOLDER, brand)
const SENT_IN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path fill="#0b3b5c" d="M1 1h6v6z"/></svg>'

/** What its links to stylesheets stand for. */
export const STYLES = Object.fromEntries([...files].map(([path, { body }]) => [path, String(body)]))
export const STYLE_LINK = '<link rel="stylesheet" href="([^"?]+)[^>]*>'

export function wholePage(view: string, locale: string, data: PageData): string {
  const link = new RegExp(STYLE_LINK, 'g')
  return unstyledPage(view, locale, data).replace(link, (_link, path) => `<style>${STYLES[path]}</style>`)
}

/** The links to its stylesheets are still in it: of many pages, their styles would be most of the text. */
export function unstyledPage(view: string, locale: string, data: PageData): string {
  return rendered
    .page(view, locale, data)
    .replace(/<(script.*?<\/script|meta http-equiv="refresh"[^>]*)>/gs, '')
    .replace(/ src="(?!data:)([^"?]*)[^"]*"/g, (_source, path) => ` src="${drawn(files.get(path)?.body ?? SENT_IN)}"`)
}

function drawn(svg: string | Buffer): string {
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
}
