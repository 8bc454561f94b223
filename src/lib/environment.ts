/**
 * What the environment says. A variable may name a file instead: `SIGMA_KEYS_FILE=/run/secrets/keys` is what `SIGMA_KEYS`
 * would say. That is how Docker and Kubernetes hand over secrets, and systemd its credentials: what is in a file stands in
 * no list of processes, and nobody inherits it.
 *
 * Only what is asked for is looked up so, by its own name: a variable that merely ends in `_FILE` is none of ours. No
 * fault says what is in a file.
 */
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Fault } from './errors.ts'
import { fileReason } from './file-fault.ts'

export type Variables = Record<string, string | undefined>

export interface Environment {
  /** What it says, or the file that is named for it; undefined if there is neither, or that file is not usable. */
  value(name: string): string | undefined
  /** What is wrong with how it is given. */
  fault(name: string): Fault | undefined
  /** Names that somebody has asked for. */
  asked(): string[]
}

/** Bytes: keys, addresses and passwords are far shorter. */
const MOST = 65_536

type Looked = { value?: string | undefined; fault?: Fault | undefined }

/** Relative paths are taken from `root`. A file is read once, when its variable is first asked for. */
export function environmentOf(variables: Variables, root: string): Environment {
  const looked = new Map<string, Looked>()

  function look(name: string): Looked {
    const known = looked.get(name) ?? lookUp(name)
    looked.set(name, known)
    return known
  }

  function lookUp(name: string): Looked {
    const [value, file] = [variables[name], variables[`${name}_FILE`]]
    // A container's settings pass on what nobody has set as an empty text.
    if (!file) return { value }
    if (value) return { fault: { path: name, reason: `is given twice: leave out ${name} or ${name}_FILE` } }
    const read = contentOf(resolve(root, file))
    if (read.ok) return { value: read.text }
    return { fault: { path: `${name}_FILE`, reason: `${file}: ${read.reason}` } }
  }

  return {
    value: (name) => look(name).value,
    fault: (name) => look(name).fault,
    asked: () => [...looked.keys()],
  }
}

type Content = { ok: true; text: string } | { ok: false; reason: string }

function contentOf(path: string): Content {
  try {
    const about = statSync(path)
    if (about.isDirectory()) return { ok: false, reason: 'is a folder, and has to be a file' }
    // Reading from a pipe might wait for ever.
    if (!about.isFile()) return { ok: false, reason: 'is no plain file' }
    if (about.size > MOST) return { ok: false, reason: `is larger than ${MOST / 1024} kB, which no secret is` }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)).replace(/\r?\n$/, '')
    return text === '' ? { ok: false, reason: 'is empty' } : { ok: true, text }
  } catch (fault) {
    if (fault instanceof TypeError && 'code' in fault && fault.code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      return { ok: false, reason: 'is not UTF-8 text' }
    const reason = fileReason(fault)
    if (reason === undefined) throw fault
    return { ok: false, reason }
  }
}
