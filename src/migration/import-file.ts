/** A file of people on this machine, or as a text that came by another door, and where the lines go that were refused. */
import { createReadStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { InputError } from '../lib/errors.ts'
import { EXPORTERS, type ExporterName, type Form } from './exporters.ts'
import type { LineFault } from './line.ts'
import { beginsWithList, realmsIn } from './place.ts'
import { type Item, items } from './reader.ts'

export interface ImportFile {
  /** From the beginning, each time. */
  items(): AsyncIterable<Item>
  /** Undefined where there is no place for them. */
  refusals?(): Promise<Refusals>
}

export interface Refusals {
  add(item: Item, faults: LineFault[]): Promise<void>
  /** What the file is called; undefined if nothing was refused, and there is none. */
  close(): Promise<string | undefined>
}

/** What was refused and mended is in lines, whatever it came from. */
const LINES = /\.(?:jsonl|ndjson)$/
const LONGEST_TEXT = 2000
/** Realms that are told of. */
const MOST_NAMED = 20

type Open = () => AsyncIterable<Uint8Array>

/** `realm` is the one whose people are meant, where an export has several. */
export function fileOnDisk(path: string, from: ExporterName, realm: string | undefined): ImportFile {
  const open: Open = async function* () {
    try {
      yield* createReadStream(path)
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause)) throw cause
      throw fault('file', 'is no file that can be read here')
    }
  }
  return {
    items: () => itemsOf(open, LINES.test(path) ? 'lines' : EXPORTERS[from].form, realm),
    refusals: () => refusedFile(`${path}.refused.jsonl`),
  }
}

/** Others come here as lines, each of which can be told of. */
export function fileInText(lines: string, from: ExporterName): ImportFile {
  async function* open() {
    yield Buffer.from(lines)
  }
  return { items: () => itemsOf(open, EXPORTERS[from].form === 'either' ? 'either' : 'lines', undefined) }
}

async function* itemsOf(open: Open, form: Form, realm: string | undefined): AsyncGenerator<Item> {
  const isList = form !== 'lines' && (await beginsWithList(open()))
  if (form === 'either') return yield* items(open(), isList ? 'document' : 'lines')
  const place = form === 'realms' && (isList || realm !== undefined) ? await placeOf(open, isList, realm) : undefined
  yield* items(open(), form === 'lines' ? 'lines' : 'document', place)
}

/** Undefined where the list is of people, or the document of one realm. */
async function placeOf(open: Open, isList: boolean, realm: string | undefined): Promise<number | undefined> {
  const realms = await realmsIn(open())
  const names = realms.filter((name) => name !== undefined)
  const known = names.slice(0, MOST_NAMED).join(', ')
  if (realm === undefined && names.length > 1) throw fault('realm', `is needed: the file has ${known}`)
  if (realm !== undefined && !names.includes(realm))
    throw fault('realm', `is none of the file, which has ${known || 'none'}`)
  return isList && names.length > 0 ? realms.indexOf(realm ?? names[0]) : undefined
}

function fault(path: string, reason: string): InputError {
  return new InputError('The input is not in order.', [{ path, reason, code: 'required' }])
}

/** As the lines came, each with what is wrong with it, so that they can be mended there and sent again. */
async function refusedFile(path: string): Promise<Refusals> {
  await rm(path, { force: true })
  let file: Awaited<ReturnType<typeof open>> | undefined
  return {
    async add(item, refused) {
      // Hashes and secrets are in it.
      file ??= await open(path, 'wx', 0o600)
      const whole =
        item.value.ok && isObject(item.value.value) ? { ...item.value.value } : { text: shortened(item.text) }
      await file.write(`${JSON.stringify({ refused, ...without(whole) })}\n`)
    },
    async close() {
      await file?.close()
      return file && path
    },
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What was wrong with it the time before. */
function without({ refused: _before, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return rest
}

function shortened(text: string): string {
  return text.slice(0, LONGEST_TEXT)
}
