/** Which release this is: the version in package.json (semver.org). A number of its own is given to no build. */
import { readFileSync } from 'node:fs'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/** Such as `1.4.0`. */
export const RELEASE = version
