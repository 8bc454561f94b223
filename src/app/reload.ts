/**
 * The configuration read anew while the process runs (SIGHUP). What is read where it is used can be taken up: it is put
 * into the configuration that everybody holds. Everything else was built into something at the start, and is named for
 * whoever has to restart. Each node of a cluster does this by itself.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../config.ts'

/**
 * What is read where it is used. A limit holds from the next try on, a life from the next link on, a date for whoever
 * signs in next.
 */
const TAKEN_UP = ['log', 'throttle', 'links', 'imported', 'twoStep.campaign']

export interface Reloaded {
  /** Settings that are different from now on, by their paths. */
  taken: string[]
  /** Settings that are different in the file, and count after a restart only. */
  restart: string[]
}

type Part = Record<string, unknown>

/** Both are in order. Nothing but `config` is changed. */
export function takeUp(config: Config, next: Config): Reloaded {
  const different = differences(config as unknown as Part, next as unknown as Part)
  const mayBeTaken = (path: string) => TAKEN_UP.some((taken) => path === taken || path.startsWith(`${taken}.`))
  const taken = different.filter(mayBeTaken)
  for (const path of taken) put(config as unknown as Part, next as unknown as Part, path)
  return { taken, restart: [...different.filter((path) => !mayBeTaken(path)), ...otherSecrets(config, next)] }
}

/** Names of secrets in files that somebody wrote anew meanwhile. Ours are among the settings. */
function otherSecrets(config: Config, next: Config): string[] {
  const named = config.environment.asked().filter((name) => !name.startsWith('SIGMA_'))
  return named.filter((name) => config.secret(name) !== next.secret(name))
}

/** Paths of what is not the same; a list, or names with dates, is one thing. */
function differences(before: Part, after: Part, path = ''): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].flatMap((name) => {
    const [one, other] = [before[name], after[name]]
    const inner = path === '' ? name : `${path}.${name}`
    if (isPart(one) && isPart(other)) return differences(one, other, inner)
    // How a secret is looked up.
    if (typeof one === 'function') return []
    return isDeepStrictEqual(one, other) ? [] : [inner]
  })
}

function put(config: Part, next: Part, path: string): void {
  const names = path.split('.')
  const last = names.pop() ?? ''
  const within = (whole: Part) => names.reduce((part, name) => part[name] as Part, whole)
  within(config)[last] = within(next)[last]
}

function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
