/** The demonstration portal: an application like any other, in the same process where that is developed. */
import { join } from 'node:path'
import { AppError } from '../lib/errors.ts'
import { type Portal, portal } from '../portal/portal.ts'
import { assets } from '../render/assets.ts'
import type { Core } from './core.ts'

export function demonstration({ config, clients, clientSecret, templates, now, log }: Core): Portal {
  const { metadata: client, secrets = [] } = clients.find('portal') ?? {}
  const name = secrets.findLast(({ env }) => env !== undefined)?.env
  const secret = name === undefined ? undefined : clientSecret(name)
  if (!secret || !client?.client_uri)
    throw new AppError(
      'no-portal',
      'config/clients.yaml has no client «portal» with client_uri and a client_secret from the environment',
    )
  const files = assets(join(config.root, 'views'), config.brand)
  const { names } = config.assurance
  return portal({
    issuer: config.issuer,
    issuerName: config.brand.product,
    origin: client.client_uri,
    clientId: client.client_id,
    clientSecret: secret,
    views: templates,
    now,
    log,
    assets: (path) => files.get(path),
    assurance: { mfa: names.mfa, sufficient: [names.mfa, names.phishingResistant] },
  })
}
