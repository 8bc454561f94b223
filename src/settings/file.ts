/** The file of settings, as it is on this machine. */
import { readFileSync } from 'node:fs'
import { LineCounter, parseDocument } from 'yaml'
import type { Fault } from '../lib/errors.ts'
import { fileReason } from '../lib/file-fault.ts'

export type ReadFile = { ok: true; settings: Record<string, unknown> } | { ok: false; faults: Fault[] }

export function readSettings(file: string): ReadFile {
  const refuse = (...reasons: string[]): ReadFile => ({
    ok: false,
    faults: reasons.map((reason) => ({ path: file, reason })),
  })
  const text = textOf(file)
  if ('reason' in text) return refuse(text.reason)
  const lines = new LineCounter()
  const document = parseDocument(text.content, { prettyErrors: false, lineCounter: lines })
  if (document.errors.length > 0)
    return refuse(
      ...document.errors.map(({ message, pos }) => {
        const { line, col } = lines.linePos(pos[0])
        return `line ${line}, column ${col}: is not YAML: ${message}`
      }),
    )
  const read = contentOf(document)
  if ('reason' in read) return refuse(read.reason)
  const { value } = read
  if (value === null || value === undefined)
    return refuse('is empty: it has to hold settings, such as issuer: https://id.example.org')
  if (Array.isArray(value))
    return refuse('is a list: it has to hold settings by their names, such as issuer: https://id.example.org')
  if (typeof value !== 'object')
    return refuse('is one text: it has to hold settings by their names, such as issuer: https://id.example.org')
  return { ok: true, settings: { ...value } }
}

function textOf(file: string): { content: string } | { reason: string } {
  try {
    return { content: readFileSync(file, 'utf8') }
  } catch (fault) {
    const reason = fileReason(fault)
    if (reason === undefined) throw fault
    return { reason }
  }
}

/** References may lead to nothing, or to more than memory holds. */
function contentOf(document: ReturnType<typeof parseDocument>): { value: unknown } | { reason: string } {
  try {
    return { value: document.toJS() }
  } catch (fault) {
    return { reason: `is not usable: ${fault instanceof Error ? fault.message : String(fault)}` }
  }
}
