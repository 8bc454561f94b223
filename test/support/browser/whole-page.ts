/** A page as it is served, in one text: its stylesheets in it, its scripts and pictures left out. Nothing has to be fetched. */
import { join } from 'node:path'
import { assets } from '../../../src/render/assets.ts'
import { defaultBrand, type PageData, views } from '../../../src/render/views.ts'

const FOLDER = join(import.meta.dirname, '../../../views')
const rendered = views(FOLDER, defaultBrand)
const files = assets(FOLDER, defaultBrand)

export function wholePage(view: string, locale: string, data: PageData): string {
  return rendered
    .page(view, locale, data)
    .replace(/<link rel="stylesheet" href="([^"?]+)[^>]*>/g, (_tag, path) => `<style>${files.get(path)?.body}</style>`)
    .replace(/<script.*?<\/script>/gs, '')
    .replace(/ src="[^"]*"/g, '')
}
