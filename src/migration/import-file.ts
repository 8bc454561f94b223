/** A file of people on this machine, or as a text that came by another door, and where the lines go that were refused. */
import { createReadStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { InputError } from '../lib/errors.ts'
import { EXPORTERS, type ExporterName } from './exporters.ts'
import type { LineFault } from './line.ts'
import type { Form, Item } from './reader.ts'

export interface ImportFile {
  form: Form
  /** From the beginning, each time. */
  open(): AsyncIterable<Uint8Array>
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

export function fileOnDisk(path: string, from: ExporterName): ImportFile {
  return {
    form: LINES.test(path) ? 'lines' : EXPORTERS[from].form,
    async *open() {
      try {
        yield* createReadStream(path)
      } catch (cause) {
        if (!(cause instanceof Error && 'code' in cause)) throw cause
        throw new InputError('The input is not in order.', [
          { path: 'file', reason: 'is no file that can be read here' },
        ])
      }
    },
    refusals: () => refusedFile(`${path}.refused.jsonl`),
  }
}

export function fileInText(lines: string): ImportFile {
  return {
    form: 'lines',
    async *open() {
      yield Buffer.from(lines)
    },
  }
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
