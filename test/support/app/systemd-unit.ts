/** The unit as it is shipped, and what systemd would run for it on this machine. */
import { read, root } from './deployment.ts'

const UNIT = 'config/systemd/sigma-id.service'
/** Where it expects the installation. */
const PLACE = '/opt/sigma-id'

export const unitText = read(UNIT)

/** All values of a setting, in their order. */
export function valuesOf(name: string): string[] {
  return [...unitText.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value)
}

/** The unit of an installation that is this folder, by the Node that runs the tests. */
export function unitHere(): string {
  return unitText.replaceAll(`${PLACE}/node_modules/.bin/node`, process.execPath).replaceAll(PLACE, root)
}

/** Its command without the program, and its environment; `credentials` is the folder that systemd would make. */
export function unitCommand(credentials: string): { args: string[]; env: Record<string, string> } {
  const [, ...args] = (valuesOf('ExecStart')[0] ?? '').split(' ')
  const pairs = valuesOf('Environment').map((pair) => pair.replace('%d', credentials).split('=', 2))
  return { args, env: Object.fromEntries(pairs) }
}
