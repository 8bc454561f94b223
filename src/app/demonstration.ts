/** The demonstration portal, and others beside it: applications like any other, in the same process in development. */
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { AppError } from '../lib/errors.ts'
import { type Portal, portal } from '../portal/portal.ts'
import { assets } from '../render/assets.ts'
import type { Core } from './core.ts'

export interface Demonstrated {
  at: Listener
  portal: Portal
}

type Listener = Config['operations']

export function demonstrations(core: Core): Demonstrated[] {
  const { portal: at, demonstration } = core.config
  const others = Object.entries(demonstration.applications)
  return [
    ...(at ? [{ at, portal: application(core, PORTAL, true) }] : []),
    ...others.map(([id, listener]) => ({ at: listener, portal: application(core, id, false) })),
  ]
}

/** Its secret needs not be in the environment: it finds the same one that the provider makes (foundation.ts). */
export function isDemonstrated({ portal: at, demonstration }: Config, id: string): boolean {
  return (at !== undefined && id === PORTAL) || Object.hasOwn(demonstration.applications, id)
}

const PORTAL = 'portal'

function application(
  { config, clients, clientSecret, templates, now, log }: Core,
  id: string,
  approvesPayroll: boolean,
): Portal {
  const { metadata: client, secrets = [] } = clients.find(id) ?? {}
  const name = secrets.findLast(({ env }) => env !== undefined)?.env
  const secret = name === undefined ? undefined : clientSecret(name)
  if (!secret || !client?.client_uri)
    throw new AppError(
      'no-portal',
      `${config.clients.file} has no client «${id}» with client_uri and a client_secret from the environment`,
    )
  const files = assets(join(config.root, 'views'), config.brand)
  const { names } = config.assurance
  return portal({
    issuer: config.issuer,
    issuerName: config.brand.product,
    origin: client.client_uri,
    name: client.client_name,
    house: client.first_party === true,
    approvesPayroll,
    clientId: client.client_id,
    clientSecret: secret,
    views: templates,
    now,
    log,
    assets: (path) => files.get(path),
    assurance: { mfa: names.mfa, sufficient: [names.mfa, names.phishingResistant] },
  })
}
